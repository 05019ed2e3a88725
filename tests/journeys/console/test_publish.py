"""A flow is checked, published with what differs from live, listed with its versions, and rolled back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from local.management_client import ManagementClient
from tests.journeys.console.drafts import flow_text, name_of_a_flow, put_draft


@pytest.fixture
def flow(management: ManagementClient) -> str:
    """A draft in which an exit leads nowhere."""
    name = name_of_a_flow()
    put_draft(management, name, flow_text(name).replace("then: end", "then: the_end"))
    return name


def publish(page: Page, note: str) -> None:
    dialog = page.get_by_role("dialog", name="Publish")
    dialog.get_by_role("textbox", name="Note").fill(note)
    dialog.get_by_role("button", name="Publish").click()


def test_a_flow_is_mended_published_and_rolled_back(
    flow: str, console_page_as: Callable[..., Page], management: ManagementClient, axe: Callable[..., None]
) -> None:
    page = console_page_as("editor", f"/flows/{flow}")
    page.get_by_role("button", name="Check (1)").click()
    dialog = page.get_by_role("dialog", name="1 problem")
    axe(page, "[role=dialog]")
    dialog.get_by_role("link", name="bye, then").click()
    form = page.get_by_role("complementary", name="Form of bye")
    expect(form.locator("[data-field=then] button")).to_be_focused()
    expect(page.get_by_role("group", name=re.compile("^bye"))).to_contain_text("1 problem")
    form.locator("[data-field=then] button").click()
    page.get_by_role("option", name="End the session").click()

    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Publish")
    expect(dialog.get_by_text("This flow was not live before.")).to_be_visible()
    axe(page, "[role=dialog]")
    publish(page, "The first hours")
    message = page.get_by_role("region", name="Messages")
    expect(message.get_by_text(f"Version 1 of {flow} is live")).to_be_visible()

    form.get_by_role("textbox", name="Say").fill("Goodbye.")
    page.get_by_role("button", name="Publish").click()
    changed = dialog.get_by_role("table", name="Changed: bye").get_by_role("row").filter(has_text="say")
    expect(changed).to_contain_text("See you soon.")
    expect(changed).to_contain_text("Goodbye.")
    axe(page, "[role=dialog]")
    publish(page, "Later on")
    message.get_by_text(f"Version 2 of {flow} is live").wait_for()
    message.get_by_role("link", name="See its versions").last.click()

    panel = page.get_by_role("complementary", name="Versions")
    first = panel.get_by_role("listitem").filter(has_text="The first hours")
    expect(first).to_contain_text("editor-")
    expect(panel.get_by_role("listitem").first).to_contain_text("Live")
    axe(page, ".editor-panel")
    first.get_by_role("button", name="Show version 1").click()
    dialog = page.get_by_role("dialog", name=f"Version 1 of {flow}")
    expect(dialog.get_by_role("table", name="Changed: bye")).to_contain_text("See you soon.")
    axe(page, "[role=dialog]")
    for view in ("Canvas", "Text"):
        dialog.get_by_role("tab", name=view).click()
        expect(dialog.get_by_text("See you soon.").last).to_be_visible()
        axe(page, "[role=dialog]")
    dialog.get_by_role("textbox", name="Note").fill("Too few came")
    dialog.get_by_role("button", name="Make version 1 live again").click()
    expect(message.get_by_text(f"Version 1 of {flow} is live again, as version 3")).to_be_visible()
    expect(panel.get_by_role("listitem").first).to_contain_text("Too few came")
    assert "See you soon." in management.request("GET", f"/flows/{flow}/versions/3").text


def test_changes_of_somebody_else_are_seen_before_they_are_published(
    flow: str,
    console_page_as: Callable[..., Page],
    management: ManagementClient,
    axe: Callable[..., None],
    at_telephone_size: Callable[[Page], Page],
) -> None:
    put_draft(management, flow, flow_text(flow))
    page = console_page_as("editor", f"/flows/{flow}")
    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Publish")
    expect(dialog.get_by_text("are not yours but those of admin@example.com")).to_be_visible()
    expect(dialog.get_by_role("button", name="Publish")).to_be_disabled()
    axe(at_telephone_size(page), "[role=dialog]")
    dialog.get_by_role("checkbox", name="I have seen the changes").check()
    put_draft(management, flow, flow_text(flow).replace("See you", "Goodbye until"))  # while the dialog is open
    dialog.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Someone else changed this draft")
    expect(dialog.get_by_role("table", name="Differences of bye")).to_contain_text("Goodbye until soon.")
    assert management.get(f"/flows/{flow}")["version"] is None
