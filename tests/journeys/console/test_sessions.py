"""The sessions in the web console: a conversation of a customer is read as a chat, and stopped."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from local.simulator.phone import Phone


def test_a_session_is_read_as_a_chat_and_stopped(
    phone: Phone, console_page_as: Callable[..., Page], axe: Callable[..., None]
) -> None:
    phone.say("damage")
    phone.receive()
    page = console_page_as("editor", "/sessions")
    page.get_by_role("link", name="Session of damage-report").first.click()
    chat = page.get_by_role("region", name="Chat")
    expect(chat.get_by_text("damage", exact=True)).to_be_visible()
    expect(chat.get_by_text("I am sorry to hear that. What happened to your car?")).to_be_visible()
    page.get_by_role("button", name="Path through the flow").click()
    path = page.get_by_role("region", name="Path through damage-report")
    here = path.get_by_role("group", name=re.compile("what_happened.*Now here"))
    expect(here).to_be_in_viewport()
    axe(page, "main")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(chat.get_by_text("stopped the session")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("The session has ended.")).to_be_visible()


def test_a_viewer_reads_a_session_and_is_offered_no_action(
    phone: Phone, console_page_as: Callable[..., Page], at_telephone_size: Callable[[Page], Page]
) -> None:
    phone.say("damage")
    phone.receive()
    page = console_page_as("viewer", "/sessions")
    page.get_by_role("link", name="Session of damage-report").first.click()
    expect(page.get_by_role("region", name="Chat")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    at_telephone_size(page)
