"""Two persons on one draft: both texts are kept, and the person who comes second decides what is saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from local.management_client import ManagementClient
from tests.journeys.console.drafts import draft_text, flow_text, name_of_a_flow, put_draft, write_text

CONFLICT = "Someone else changed this draft"
# Changes of the text: of one node, of the other one, and of that one with a comment in it.
GOODBYE = ("See you soon.", "Goodbye.")
NINE = ("8 to 5", "9 to 6")
SUMMER = ("    say: We are", "    # until summer\n    say: Now we are")


@pytest.fixture
def flow(management: ManagementClient) -> str:
    name = name_of_a_flow()
    put_draft(management, name, flow_text(name))
    return name


def part(dialog: Locator, name: str) -> Locator:
    return dialog.get_by_role("radiogroup", name=f"Which {name} to keep")


def saved(page: Page) -> None:
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def test_two_persons_on_one_draft_lose_nothing_and_decide_node_by_node(
    flow: str, console_page_as: Callable[..., Page], management: ManagementClient, axe: Callable[..., None]
) -> None:
    ann, ben = (console_page_as("editor", f"/flows/{flow}") for _ in range(2))
    start = flow_text(flow)
    for page in (ann, ben):
        page.get_by_role("button", name="Text", exact=True).click()
    with ann.expect_response(lambda answer: answer.request.method == "PUT"):  # "Saved" stands there before as well
        write_text(ann, start.replace(*GOODBYE))
    saved(ann)

    # Ben changed another node, with a comment in it: it is his by itself.
    write_text(ben, start.replace(*SUMMER))
    dialog = ben.get_by_role("dialog", name=CONFLICT)
    expect(part(dialog, "greet").get_by_role("radio", name="Mine")).to_be_checked()
    expect(part(dialog, "bye").get_by_role("radio", name="Theirs")).to_be_checked()
    expect(dialog.get_by_role("table", name="Differences of greet")).to_contain_text("until summer")
    axe(ben, "[role=dialog]")
    dialog.get_by_role("button", name="Save what is chosen").click()
    saved(ben)
    both = start.replace(*GOODBYE).replace(*SUMMER)
    assert draft_text(management, flow) == both

    # Ann changes the node that Ben has changed meanwhile: nothing is saved until she chooses.
    write_text(ann, start.replace(*GOODBYE).replace(*NINE))
    dialog = ann.get_by_role("dialog", name=CONFLICT)
    expect(dialog.get_by_role("button", name="Save what is chosen")).to_be_disabled()
    dialog.get_by_role("button", name="Decide later").click()
    expect(ann.get_by_text("Not saved: someone else changed this draft")).to_be_visible()
    assert draft_text(management, flow) == both
    ann.get_by_role("button", name="Compare and decide").click()
    part(dialog, "greet").get_by_role("radio", name="Theirs").click()
    dialog.get_by_role("button", name="Save what is chosen").click()
    saved(ann)
    assert draft_text(management, flow) == both


def test_a_person_takes_one_of_two_texts_as_a_whole_and_undo_brings_the_other_back(
    flow: str, console_page_as: Callable[..., Page], management: ManagementClient
) -> None:
    page = console_page_as("editor", f"/flows/{flow}")
    page.get_by_role("button", name="Text", exact=True).click()
    theirs = f"flow: {flow}\nnodes: [greet, bye]\n"  # by a script that knows no flows
    put_draft(management, flow, theirs)
    mine = flow_text(flow).replace(*NINE)
    write_text(page, mine)
    dialog = page.get_by_role("dialog", name=CONFLICT)
    expect(dialog.get_by_text("cannot be shown node by node")).to_be_visible()
    dialog.get_by_role("button", name="Take all of theirs").click()
    saved(page)
    assert draft_text(management, flow) == theirs
    page.get_by_role("button", name="Undo").click()
    saved(page)
    assert draft_text(management, flow) == mine

    put_draft(management, flow, theirs)
    mine = mine.replace("9 to 6", "10 to 7")
    write_text(page, mine)
    dialog.get_by_role("button", name="Keep all of mine").click()
    saved(page)
    assert draft_text(management, flow) == mine


def test_changes_of_an_earlier_visit_meet_those_of_somebody_else(
    flow: str, console_page_as: Callable[..., Page], management: ManagementClient, axe: Callable[..., None]
) -> None:
    page = console_page_as("editor", f"/flows/{flow}")
    page.get_by_role("button", name="Text", exact=True).click()
    put_draft(management, flow, flow_text(flow).replace(*GOODBYE))
    write_text(page, flow_text(flow).replace(*NINE))
    expect(page.get_by_role("dialog", name=CONFLICT)).to_be_visible()
    page.reload()
    dialog = page.get_by_role("dialog", name="Changes of yours were not saved")
    axe(page, "[role=dialog]")
    dialog.get_by_role("button", name="Go on with my changes").last.click()
    dialog = page.get_by_role("dialog", name=CONFLICT)
    expect(part(dialog, "greet").get_by_role("radio", name="Mine")).to_be_checked()
    expect(part(dialog, "bye").get_by_role("radio", name="Theirs")).to_be_checked()
    dialog.get_by_role("button", name="Save what is chosen").click()
    saved(page)
    wanted = flow_text(flow).replace(*GOODBYE).replace(*NINE)
    assert draft_text(management, flow) == wanted
