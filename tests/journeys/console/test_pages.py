"""Every page of the console: for everybody, for those who may only read, while the API is away, with hostile names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local.management_client import ManagementClient
from local.simulator.phone import Phone

PAGES = {"/flows": "Flows", "/assets": "Assets", "/integrations": "Integrations", "/sessions": "Sessions"}
# What changes something, or leads to it.
CHANGES = re.compile(r"(Create|Add|Publish|Delete|Unpublish|Replace|Rename|Stop|Retry)\b")
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'{{7*7}}[[x]]javascript:alert(3)"
# Read from the right, invisible, and longer than any line.
UNREADABLE = f"\u202egpj.\u05d0\u05d1 \u200b\u200d{'W' * 150}"
FLOW, ASSET, INTEGRATION = "hostile-words", "hostile-words", "hostile-words"


@pytest.fixture(scope="module")
def hostile(management: ManagementClient, samples: Path) -> Iterator[None]:
    """A flow, an integration and an asset whose words would execute on a careless page."""
    flow = {"chatflow": 1, "flow": FLOW, "title": f"{HOSTILE} {UNREADABLE}", "start": HOSTILE}
    flow["nodes"] = {
        HOSTILE: {"type": "text", "say": f"{HOSTILE} {UNREADABLE}", "exits": {HOSTILE: UNREADABLE, UNREADABLE: "end"}},
        UNREADABLE: {"type": HOSTILE, UNREADABLE: HOSTILE},
    }
    etag = management.etag(f"/flows/{FLOW}/draft")
    condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
    management.request("PUT", f"/flows/{FLOW}/draft", json=flow, headers=condition)
    if not management.etag(f"/assets/{ASSET}"):
        pdf = next(samples.glob("*.pdf"))
        hostile_file = f"{HOSTILE.replace('/', '_')[:100]}.pdf"
        announced = management.post("/assets", filename=hostile_file, name=ASSET, size=pdf.stat().st_size)
        management.upload(announced["upload"], pdf.read_bytes())
    call = {"integration": INTEGRATION, "title": HOSTILE, "method": "POST", "url": f"https://example.com/{'W' * 150}"}
    call |= {"request": {"content_type": "application/json", "body": {"words": f"{HOSTILE} {UNREADABLE}"}}}
    etag = management.etag(f"/integrations/{INTEGRATION}")
    condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
    management.request("PUT", f"/integrations/{INTEGRATION}", json=call, headers=condition)
    yield
    management.delete(f"/assets/{ASSET}")
    management.delete(f"/integrations/{INTEGRATION}")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_light_and_dark_and_fits_a_telephone(
    console_page: Page,
    axe: Callable[..., None],
    at_telephone_size: Callable[[Page], Page],
    hostile: None,
    path: str,
) -> None:
    open_page(console_page, path)
    axe(console_page)
    at_telephone_size(console_page)
    axe(console_page)


@pytest.mark.parametrize("path", PAGES)
def test_a_viewer_is_offered_nothing_that_changes_anything(
    console_page_as: Callable[..., Page], hostile: None, path: str
) -> None:
    page = console_page_as("viewer", path)
    expect(page.get_by_role("heading", name=PAGES[path], level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    names = [button.get_attribute("aria-label") or button.inner_text() for button in page.get_by_role("button").all()]
    assert not [name for name in names if CHANGES.match(name.strip())]


@pytest.mark.parametrize("path", PAGES)
def test_while_the_api_is_away_a_page_says_so_and_goes_on_by_itself_or_by_a_button(
    console_page: Page, troubles: list[str], path: str
) -> None:
    page = console_page
    page.route("**/api/**", lambda route: route.abort())
    page.goto(path)
    expect(page.get_by_text("cannot be reached").first).to_be_visible(timeout=30_000)
    page.unroute("**/api/**")
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("cannot be reached")).to_have_count(0)
    troubles.clear()  # the browser itself reports each request that was cut off


def test_hostile_words_are_shown_as_they_are_execute_nothing_and_widen_nothing(
    console_page: Page, hostile: None, troubles: list[str], phone: Phone
) -> None:
    page = console_page
    page.on("dialog", lambda dialog: (troubles.append(f"executed: {dialog.message}"), dialog.dismiss()))
    phone.say("damage")
    phone.receive()
    phone.say(f"{HOSTILE} {UNREADABLE}")
    phone.receive()
    for path in ("/flows", "/assets", "/integrations", f"/integrations/{INTEGRATION}", f"/flows/{FLOW}"):
        page.goto(path)
        expect_words(page)
    for view in ("Outline", "Text"):
        page.get_by_role("button", name=view, exact=True).click()
        expect_words(page)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect_words(page)
    page.goto("/sessions")
    page.get_by_role("link", name="Session of damage-report").first.click()
    expect_words(page)


def expect_words(page: Page) -> None:
    expect(page.get_by_text("img src=x onerror=alert(1)").first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    # Neither the page nor a frame that scrolls is wider than what is shown of it.
    wide = "[...document.querySelectorAll('html, .editor-panel, .outline, [role=dialog], .chat')]"
    assert page.evaluate(f"{wide}.every((each) => each.scrollWidth <= each.clientWidth + 1)")


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", name=PAGES[path], level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
