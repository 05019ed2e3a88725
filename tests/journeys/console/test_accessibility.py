"""Every page with each window, menu and panel over it, held to WCAG 2.2 AA by axe, light and dark, in few visits."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from local.description import Description
from local.management_client import ManagementClient

# The stack may have been used before: a name that no earlier run has taken.
FLOW = f"looked-at-{int(time.time())}"
NODES = {
    "ask": {
        "type": "media",
        "direction": "inbound",
        "prompt": "Send me a photo.",
        "save_as": "photo",
        "exits": {"received": "hand_in"},
    },
    "hand_in": {
        "type": "api_integration",
        "integration": "files-upload",
        "parameters": {"file": "[[photo]]", "note": "[[photo.caption]]"},
        "exits": {"success": "leaflet", "failure": "which"},
    },
    "leaflet": {
        "type": "media",
        "direction": "outbound",
        "source": {"asset": "what-happens-next.pdf"},
        "exits": {"sent": "which"},
    },
    "which": {
        "type": "menu",
        "prompt": "What now?",
        "options": [{"id": "again", "title": "Again", "then": "ask"}, {"id": "done", "title": "Done", "then": "bye"}],
    },
    "bye": {"type": "text", "say": "Good bye", "then": "end"},
}
Axe = Callable[..., None]


def look_at_window(page: Page, axe: Axe, *, tabs: tuple[str, ...] = ()) -> None:
    """The window that is open, with its further tabs; then it is closed by its key."""
    window = page.get_by_role("dialog")
    expect(window).to_be_visible()
    expect(window.get_by_text(re.compile("^Loading"))).to_have_count(0)
    axe(page, "[role=dialog]")
    for tab in tabs:
        window.get_by_role("tab", name=tab).click()
        expect(window.get_by_text(re.compile("^Loading"))).to_have_count(0)
        axe(page, "[role=dialog]")
    page.keyboard.press("Escape")
    expect(window).to_have_count(0)


def choose(page: Page, menu: str | re.Pattern[str], item: str) -> None:
    page.get_by_role("button", name=menu).first.click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def test_the_lists_and_everything_that_opens_over_them(console_page: Page, axe: Axe) -> None:
    page = console_page
    page.get_by_role("button", name="Create a flow").click()
    page.get_by_role("dialog").get_by_label("A YAML file of yours").check()
    look_at_window(page, axe)
    page.get_by_label("Find a flow").fill("damage-report")
    expect(page.get_by_role("button", name="Actions for")).to_have_count(1)
    page.get_by_role("button", name="Actions for").click()
    axe(page)
    page.keyboard.press("Escape")
    for item in ("Duplicate", "Unpublish", "Delete"):
        choose(page, "Actions for", item)
        look_at_window(page, axe)
    page.get_by_role("button", name="Your account").click()
    expect(page.get_by_role("menuitem", name="Sign out", exact=True)).to_be_visible()
    axe(page, "header")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Assets", exact=True).click()
    page.get_by_role("button", name="Add file").click()
    look_at_window(page, axe)
    for item in ("Versions", "Rename", "Replace the file", "Delete"):
        choose(page, re.compile("Actions for .*what.happens.next", re.IGNORECASE), item)
        look_at_window(page, axe)
    page.get_by_role("button", name="List", exact=True).click()
    expect(page.get_by_role("table", name="Files")).to_be_visible()
    axe(page, "main")

    page.get_by_role("link", name="Integrations", exact=True).click()
    page.get_by_role("button", name="Create integration").click()
    look_at_window(page, axe)
    page.get_by_role("link", name="Keep a file").click()
    for tab in ("Form", "Text", "Try it", "Versions and use"):
        page.get_by_role("tab", name=tab).click()
        axe(page, "main")
    page.get_by_role("button", name="Delete", exact=True).click()
    look_at_window(page, axe)

    page.get_by_role("link", name="Sessions", exact=True).click()
    page.get_by_role("button", name="Find a contact").click()
    look_at_window(page, axe)


def test_the_editor_and_everything_that_opens_over_it(console_page: Page, stack: Description, axe: Axe) -> None:
    page = console_page
    flow = {"chatflow": 1, "flow": FLOW, "title": "Looked at", "start": "ask", "nodes": NODES}
    ManagementClient(stack).request("PUT", f"/flows/{FLOW}/draft", json=flow, headers={"If-None-Match": "*"})
    page.goto(f"/flows/{FLOW}")
    expect(page.locator(".flow-card").first).to_be_visible()
    axe(page)
    for button in ("Find a node", "Add node"):
        page.get_by_role("button", name=button).click()
        look_at_window(page, axe)
    choose(page, "More actions", "Keys")
    look_at_window(page, axe)

    publish(page, axe)
    expect(page.get_by_text(f"Version 1 of {FLOW} is live")).to_be_visible()
    page.route("**/validate", lambda route: route.abort())
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("The flow could not be checked")).to_be_visible()
    axe(page, ".floating-messages")
    page.unroute("**/validate")

    page.get_by_role("button", name="Outline", exact=True).click()
    axe(page, "main")
    form = page.get_by_role("complementary")
    for node in NODES:
        page.locator(f"[data-outline={node}]").click()
        expect(form.get_by_role("textbox", name="Name", exact=True)).to_have_value(node)
        axe(page, "aside")
        if node == "leaflet":
            form.get_by_role("button", name="Change the file").click()
            look_at_window(page, axe, tabs=("Library",))
    form.get_by_role("button", name="Insert a variable: Say").click()
    axe(page, "aside")
    page.keyboard.press("Escape")
    form.get_by_role("textbox", name="Say").fill("Good bye, and thank you")

    publish(page, axe)
    expect(page.get_by_text(f"Version 2 of {FLOW} is live")).to_be_visible()
    form.get_by_role("button", name="Close: Form of bye").click()
    for panel in ("Problems", "Settings of the flow", "Versions"):
        choose(page, "More actions", panel)
        expect(form.get_by_text("Loading")).to_have_count(0)
        axe(page, "aside")
    form.get_by_role("button", name="Show version 1").click()
    look_at_window(page, axe, tabs=("Canvas", "Text"))
    form.get_by_role("button", name="Close: Versions").click()

    page.get_by_role("button", name="Text", exact=True).click()
    text = page.get_by_role("textbox", name=re.compile("Text of"))
    expect(text).to_be_visible()
    axe(page)
    text.press("Control+Home")
    page.keyboard.type("broken: [\n")
    page.get_by_role("button", name="Canvas", exact=True).click()
    expect(page.get_by_text("The text of this flow has a mistake")).to_be_visible()
    axe(page, "main")


def publish(page: Page, axe: Axe) -> None:
    page.get_by_role("button", name="Publish").click()
    window = page.get_by_role("dialog")
    expect(window.get_by_role("heading", name="What changes")).to_be_visible()
    axe(page, "[role=dialog]")
    window.get_by_role("button", name="Publish").click()
    expect(window).to_have_count(0)
