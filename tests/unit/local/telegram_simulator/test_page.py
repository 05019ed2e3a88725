"""The chat page on Telegram, in a real browser: buttons, the note of a tap, styled text, and a bot that is blocked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.programs import program
from tests.unit.local.telegram_simulator.conftest import CUSTOMER, Bot, RunningSimulator

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


@pytest.fixture
def page(simulator: RunningSimulator) -> Iterator[Page]:
    """The page, which must report no error."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 390, "height": 844})
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
        page.goto(simulator.url)
        yield page
        browser.close()
    assert troubles == []


def test_a_person_taps_a_button_and_blocks_the_bot(page: Page, simulator: RunningSimulator, bot: Bot) -> None:
    expect(page).to_have_title("Telegram · Chatflow")
    page.get_by_label("Message", exact=True).fill("hello")
    page.keyboard.press("Enter")
    bot.next()
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    asked = {"text": "*Sure* about <b>that</b>?", "parse_mode": "HTML", "reply_markup": keyboard}
    simulator.result("sendMessage", chat_id=CUSTOMER, **asked)
    log = page.get_by_role("log")
    expect(log.get_by_text("*Sure* about that?")).to_be_visible()
    expect(log.locator(".words b")).to_have_text("that")
    log.get_by_role("button", name="Yes").click()
    expect(log.get_by_text("You tapped “Yes”")).to_be_visible()
    assert bot.next("callback_query", 2)["data"] == "yes"

    page.get_by_role("button", name="The bot may write. Press to block it").click()
    expect(page.get_by_role("button", name="The bot is blocked. Press to let it write")).to_be_visible()
    assert bot.next("my_chat_member", 3)["new_chat_member"]["status"] == "kicked"
    page.get_by_role("button", name="Show what goes over the wire").click()
    expect(page.get_by_text("Update: tap of Mara")).to_be_visible()
    expect(page.get_by_role("button", name="Statuses")).to_be_hidden()
