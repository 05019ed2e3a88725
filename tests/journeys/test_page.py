"""A person at the handset's page, in a real browser, with the deployed stack behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from local.business_api.client import Business, sha256
from local.description import Description
from tests.programs import program

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


@pytest.fixture
def page(stack: Description) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(stack.handset_url)
        yield page
        browser.close()


def test_a_person_reports_a_damage_with_taps_words_and_two_photos(
    page: Page, business: Business, samples: Path
) -> None:
    log = page.get_by_role("log")
    write = page.get_by_label("Message", exact=True)

    def say(text: str) -> None:
        write.fill(text)
        page.keyboard.press("Enter")

    def see(text: str) -> None:
        expect(log.get_by_text(text).last).to_be_visible(timeout=30_000)

    def send(photo: Path) -> None:
        page.locator("#pick").set_input_files([photo])
        expect(page.locator(".tray-item")).to_have_count(1)
        page.get_by_role("button", name="Send", exact=True).click()

    say("damage")
    see("What happened to your car?")
    page.get_by_role("button", name="What happened", exact=True).click()
    page.get_by_role("dialog").get_by_text("Hit while parked").click()
    see("What is your number plate?")
    say("B AB 99")
    see("This is what helps us most.")
    see("one photo of the damage")
    send(samples / "photo-1.jpg")
    see("from another side")
    page.get_by_role("button", name="Send another photo").click()
    expect(log.get_by_text("one photo of the damage")).to_have_count(2, timeout=30_000)
    send(samples / "photo-3.jpg")
    see("is accepted")
    see("what-happens-next.pdf")

    held = {upload["sha256"] for upload in business.uploads()}
    assert held == {sha256((samples / name).read_bytes()) for name in ("photo-1.jpg", "photo-3.jpg")}
