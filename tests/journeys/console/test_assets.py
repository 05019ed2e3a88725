"""The library of the console: files are uploaded, refused, renamed, deleted, and protected while a flow sends them."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.samples import document_pdf

# The stack may have been used before: names that no earlier run has taken.
RUN = int(time.time())


def add(page: Page, *files: tuple[str, str, bytes]) -> None:
    page.get_by_role("button", name="Add file").first.click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": mime, "buffer": content} for name, mime, content in files]
    )


def test_files_are_uploaded_and_what_is_refused_says_why(
    console_page_as: Callable[..., Page], axe: Callable[..., None]
) -> None:
    page = console_page_as("editor", "/assets")
    hostile = f"<img src=x onerror=document.title='run'> May {RUN}.pdf"
    add(
        page,
        (hostile, "application/pdf", document_pdf()),
        ("fun.gif", "image/gif", b"GIF89a"),
        (f"photo {RUN}.png", "image/png", b"this is no picture"),
    )
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("group", name=hostile).get_by_text("Ready")).to_be_visible(timeout=60_000)
    expect(dialog.get_by_role("group", name="fun.gif")).to_contain_text(".gif is no format that can be sent")
    refused = dialog.get_by_role("group", name=f"photo {RUN}.png")
    expect(refused.get_by_role("button", name=f"Try again: photo {RUN}.png")).to_be_visible(timeout=60_000)
    axe(page, "[role=dialog]")
    dialog.get_by_role("button", name="Close").last.click()
    page.get_by_label("Find a file by its name").fill(f"May {RUN}")
    expect(page.get_by_role("button", name="Actions for")).to_have_count(1)
    assert page.title() != "run"


def test_a_file_gets_another_name_and_is_deleted(console_page_as: Callable[..., Page]) -> None:
    page = console_page_as("editor", "/assets")
    add(page, (f"Price list {RUN}.pdf", "application/pdf", document_pdf()))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Ready", exact=True)).to_be_visible(timeout=60_000)
    dialog.get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name=f"Actions for Price list {RUN}.pdf").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Filename").fill(f"Prices {RUN}.pdf")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("button", name=f"Actions for Prices {RUN}.pdf").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name=f"Actions for Prices {RUN}.pdf")).to_have_count(0)


def test_a_file_that_a_live_flow_sends_is_protected(console_page_as: Callable[..., Page]) -> None:
    page = console_page_as("editor", "/assets")
    page.get_by_label("Find a file by its name").fill("what-happens-next")
    page.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Live flows send this file")).to_be_visible()
    expect(dialog.get_by_role("link", name="asset-then-continue")).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()


def test_a_viewer_sees_the_library_on_a_telephone(
    console_page_as: Callable[..., Page], at_telephone_size: Callable[[Page], Page]
) -> None:
    page = at_telephone_size(console_page_as("viewer", "/assets"))
    expect(page.get_by_role("button", name="Actions for").first).to_be_visible()
    expect(page.get_by_role("button", name="Add file")).to_have_count(0)
