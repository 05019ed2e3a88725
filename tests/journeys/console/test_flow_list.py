"""The list of flows in the web console: one is created from an example, copied, exported and deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect


def create_from_example(page: Page, name: str) -> None:
    page.get_by_role("button", name="Create a flow").first.click()
    page.get_by_label("Example: Receive one file").check()
    page.get_by_role("textbox", name="Title").fill(f"Title of {name}")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url(f"**/flows/{name}")


def test_a_flow_from_an_example_is_a_draft_that_is_exported_and_deleted(
    console_page_as: Callable[..., Page], tmp_path: Path
) -> None:
    page = console_page_as("editor")
    create_from_example(page, "from-example")
    page.goto("/flows")
    row = page.get_by_role("row").filter(has_text="from-example")
    expect(row).to_contain_text("Draft only")
    row.get_by_role("button", name="Actions for").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export").click()
    download.value.save_as(tmp_path / "exported.yaml")
    exported = (tmp_path / "exported.yaml").read_text()
    assert "flow: from-example" in exported
    assert "title: Title of from-example" in exported
    row.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_a_name_that_is_taken_is_refused_before_it_is_sent(
    console_page_as: Callable[..., Page], axe: Callable[..., None]
) -> None:
    page = console_page_as("editor")
    page.get_by_role("button", name="Create a flow").first.click()
    page.get_by_role("textbox", name="Name").fill("welcome")
    expect(page.get_by_text('There is a flow "welcome" already.')).to_be_visible()
    axe(page, "[role=dialog]")


def test_a_flow_that_others_lead_to_is_not_deleted(console_page_as: Callable[..., Page]) -> None:
    page = console_page_as("editor")
    page.get_by_role("row").filter(has_text="damage-report").get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_text("The flow was not deleted")).to_be_visible()
    expect(dialog.get_by_role("listitem").first).to_contain_text("damage-report")
