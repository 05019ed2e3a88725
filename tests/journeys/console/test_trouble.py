"""Trouble while a flow is edited: a session that ends, an API that is away, a broken text, a file that is gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from local.description import Description
from local.management_client import ManagementClient
from tests.journeys.console.drafts import draft_text, flow_text, name_of_a_flow, put_draft, write_text


@pytest.fixture
def flow(management: ManagementClient) -> str:
    name = name_of_a_flow()
    put_draft(management, name, flow_text(name))
    return name


def open_form(page: Page, node: str) -> None:
    page.get_by_role("group", name=re.compile(f"^{node},")).press("Enter")
    expect(page.get_by_role("complementary", name=f"Form of {node}")).to_be_visible()


def test_a_session_that_ends_in_the_middle_of_an_edit_loses_nothing(
    flow: str, console_page: Page, stack: Description, management: ManagementClient, axe: Callable[..., None]
) -> None:
    page = console_page
    page.goto(f"/flows/{flow}")
    open_form(page, "bye")
    page.evaluate("sessionStorage.clear()")
    page.get_by_role("textbox", name="Say").fill("Goodbye.")
    expect(page.get_by_text("Your session has ended", exact=True)).to_be_visible()
    axe(page, ".editor")
    page.get_by_role("textbox", name="Say").fill("Goodbye, then.")  # goes on working
    page.get_by_role("button", name="Sign in again").first.click()
    page.get_by_label("Username").fill(stack.admin_user)
    page.get_by_label("Password").fill(stack.admin_password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("dialog", name="Changes of yours").get_by_role("button", name="Go on").last.click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert "say: Goodbye, then." in draft_text(management, flow)


def test_while_the_api_is_away_one_goes_on_working_and_it_is_saved_when_it_is_back(
    flow: str,
    console_page_as: Callable[..., Page],
    management: ManagementClient,
    axe: Callable[..., None],
    troubles: list[str],
) -> None:
    page = console_page_as("editor")
    page.route("**/api/**", lambda route: route.abort())
    page.goto(f"/flows/{flow}")
    expect(page.get_by_text(f"The flow {flow} cannot be opened")).to_be_visible()
    page.unroute("**/api/**")
    page.get_by_role("button", name="Try again").click()
    open_form(page, "bye")

    page.route("**/api/**", lambda route: route.abort())
    page.get_by_role("textbox", name="Say").fill("Goodbye.")
    banner = page.get_by_text("The service cannot be reached")
    expect(banner).to_be_visible()
    axe(page)
    assert "Goodbye." in page.evaluate("Object.values(localStorage).join()")
    page.unroute("**/api/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(banner).to_have_count(0)
    assert "say: Goodbye." in draft_text(management, flow)
    troubles.clear()  # the browser itself reports each request that was cut off


def test_a_broken_text_is_mended_in_the_text_view(
    flow: str, console_page_as: Callable[..., Page], management: ManagementClient, axe: Callable[..., None]
) -> None:
    page = console_page_as("editor", f"/flows/{flow}")
    page.get_by_role("button", name="Text", exact=True).click()
    write_text(page, flow_text(flow).replace("say: See you soon.", "say: See you: soon."))
    expect(page.get_by_role("alert")).to_contain_text("Line 13 cannot be read")
    expect(page.get_by_text("Not saved: the text has a mistake")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Canvas").click()
    expect(page.get_by_text("You see the flow as it was before")).to_be_visible()
    expect(page.get_by_role("group", name=re.compile("^bye,"))).to_be_visible()
    expect(page.get_by_role("button", name="Add node")).to_have_count(0)
    axe(page)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Problems").click()
    page.get_by_role("region", name="Problems").get_by_role("link", name="Line 13").click()
    text = page.get_by_role("textbox", name="Text of the flow")
    expect(text).to_be_focused()
    axe(page)
    page.keyboard.press("Shift+End")
    page.keyboard.insert_text('    say: "See you: soon."')
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert 'say: "See you: soon."' in draft_text(management, flow)


def test_a_file_that_is_gone_or_was_refused_is_named_where_it_is_sent(
    flow: str, console_page_as: Callable[..., Page], management: ManagementClient, samples: Path
) -> None:
    refused = f"refused-{flow}"
    announced = management.post("/assets", filename="photo.png", name=refused, size=20)
    management.upload(announced["upload"], b"this is no picture!!")
    management.wait_for(f"/assets/{refused}", lambda asset: asset["state"] == "rejected")
    text = flow_text(flow)
    for node, asset in (("greet", f"gone-{flow}"), ("bye", refused)):
        text = re.sub(
            rf"({node}:\n    type:) text\n    say: .*\n",
            rf"\1 media\n    direction: outbound\n    source: {{asset: {asset}}}\n",
            text,
        )
    put_draft(management, flow, text)
    page = console_page_as("editor", f"/flows/{flow}")
    expect(page.get_by_role("group", name=re.compile("^greet,"))).to_contain_text("problem")
    open_form(page, "greet")
    expect(page.get_by_text("in the library any more. Choose another one.")).to_be_visible()
    open_form(page, "bye")
    expect(page.get_by_role("complementary").get_by_text("Refused:")).to_be_visible()


def test_a_node_of_an_unknown_type_is_edited_as_text_and_a_new_type_by_its_schema(
    flow: str, console_page_as: Callable[..., Page], management: ManagementClient
) -> None:
    def other_types(route: Route) -> None:
        """Of a deployment that has no text, but greetings."""
        answer = route.fetch()
        body = answer.json()
        for each in body["items"]:
            if each["name"] == "text":
                each |= {"name": "greeting", "title": "Greeting"}
        route.fulfill(response=answer, json=body)

    page = console_page_as("editor")
    page.route("**/api/v1/node-types*", other_types)
    page.goto(f"/flows/{flow}")
    open_form(page, "bye")
    form = page.get_by_role("complementary")
    expect(form.get_by_text("This type of node is not known here")).to_be_visible()
    form.get_by_role("textbox", name="Say").fill("Goodbye.")
    page.get_by_role("button", name="Add node").click()
    page.get_by_role("dialog").get_by_role("button", name="Greeting").click()
    form.get_by_role("textbox", name="Say").fill("Good morning.")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    text = draft_text(management, flow)
    assert "say: Goodbye." in text
    assert "type: greeting" in text
