"""The console on a telephone: the editor shows the outline, and everything fits between the sides of the screen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from local.description import Description
from local.management_client import ManagementClient

# The stack may have been used before: a name that no earlier run has taken.
FLOW = f"on-a-telephone-{int(time.time())}"
# What leads beyond the screen, but for what scrolls within its own frame.
BEYOND = """() => [...document.querySelectorAll("body *")].filter((element) => {
    const {right, left, width} = element.getBoundingClientRect();
    return width > 0 && (right > innerWidth + 1 || left < -1) && element.checkVisibility() &&
        !element.closest("[aria-hidden=true], .only-spoken, [role=tablist]") &&
        !element.closest("[role=region][tabindex='0'], [class*=sticky-scrollbar]");
}).map((element) => element.outerHTML.slice(0, 120))"""


def fits(page: Page) -> None:
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    assert not page.evaluate(BEYOND)[:3]


def test_a_flow_is_changed_connected_checked_and_published_in_the_outline(
    new_page: Callable[[], Page],
    sign_in: Callable[..., Page],
    stack: Description,
    at_telephone_size: Callable[[Page], Page],
) -> None:
    flow = {"chatflow": 1, "flow": FLOW, "title": "On a telephone", "start": "hello"}
    flow["nodes"] = {"hello": {"type": "text", "say": "Hello"}, "bye": {"type": "text", "say": "Bye", "then": "end"}}
    ManagementClient(stack).request("PUT", f"/flows/{FLOW}/draft", json=flow, headers={"If-None-Match": "*"})
    page = sign_in(at_telephone_size(new_page()), f"/flows/{FLOW}")
    outline, form, window = page.locator(".outline"), page.get_by_role("complementary"), page.get_by_role("dialog")
    expect(page.get_by_role("button", name="Outline")).to_have_attribute("aria-pressed", "true")
    expect(outline.get_by_text("leads nowhere yet")).to_be_visible()
    fits(page)

    outline.locator("[data-outline=bye]").click()
    expect(outline).to_be_hidden()
    form.get_by_role("textbox", name="Say").fill("Good bye, and drive safely")
    fits(page)
    form.get_by_role("button", name="Close: Form of bye").click()
    expect(outline.get_by_text("Good bye, and drive safely")).to_be_visible()
    expect(outline.locator("[data-outline=bye]")).to_be_focused()

    outline.get_by_role("button", name="Choose where Sent of hello leads").click()
    outline.locator(".outline-select").get_by_role("button").click()
    page.get_by_role("option", name="bye").click()
    expect(outline.get_by_role("list", name="Exits of hello").get_by_role("link", name="Go to bye")).to_be_visible()
    page.get_by_role("button", name="Check").click()
    expect(window.get_by_role("heading", name="No problems")).to_be_visible()
    fits(page)
    window.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Publish").click()
    expect(window.get_by_role("heading", name="What changes")).to_be_visible()
    fits(page)
    window.get_by_role("button", name="Publish").click()
    expect(page.get_by_text(f"Version 1 of {FLOW} is live")).to_be_visible()
    fits(page)


def test_every_page_is_reached_by_the_menu_and_read_between_the_sides(
    console_page: Page, at_telephone_size: Callable[[Page], Page], axe: Callable[..., None]
) -> None:
    page = at_telephone_size(console_page)
    for name in ("Assets", "Integrations", "Sessions", "Flows"):
        page.get_by_role("button", name="Open the list of pages").click()
        link = page.get_by_role("link", name=name, exact=True)
        expect(link).to_be_visible()
        if name == "Assets":
            axe(page)
        link.click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(page.get_by_text(re.compile("^Loading"))).to_have_count(0)
        fits(page)
