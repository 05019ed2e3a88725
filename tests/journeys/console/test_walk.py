"""A person builds "three photos in" from a blank page and publishes it; a customer's photos reach the business."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from local.business_api.client import Business, sha256
from local.description import Description
from local.management_client import ManagementClient
from local.simulator.phone import Phone

# The stack may have been used before: names that no earlier run has taken.
RUN = int(time.time())
FLOW = f"photos-{RUN}"


def add_node(page: Page, kind: str, title: str) -> None:
    """It is connected to the node before, which is still selected."""
    page.get_by_role("button", name="Add node").click()
    page.get_by_role("dialog").get_by_role("button", name=kind).click()
    form = page.get_by_role("complementary")
    expect(form.get_by_role("heading", name=title)).to_be_visible()
    expect(form.get_by_role("textbox", name="Name")).to_be_focused()


def ask_for_file(page: Page, prompt: str, variable: str) -> None:
    add_node(page, "Media: Ask for a file", "Ask for a file")
    form = page.get_by_role("complementary")
    form.get_by_role("textbox", name="Prompt").fill(prompt)
    form.get_by_role("textbox", name="Keep the file as").fill(variable)


def upload(page: Page, variable: str, note: str) -> None:
    add_node(page, "API Integration", "API Integration")
    form = page.get_by_role("complementary")
    form.get_by_role("button", name="Integration Choose an integration").click()
    page.get_by_role("option", name="files-upload").click()
    form.get_by_role("button", name="file - optional").click()
    page.get_by_role("option", name=variable).click()
    form.get_by_role("textbox", name="note").fill(note)
    choose_exit(page, "Failure", "End the session")


def choose_exit(page: Page, name: str, target: str) -> None:
    page.get_by_role("complementary").get_by_role("button", name=f"{name} (required)").click()
    page.get_by_role("option", name=target).click()


def answer_to(phone: Phone, text: str) -> str:
    phone.say(text)
    return str(phone.receive()[0]["text"])


def test_a_flow_built_by_mouse_takes_three_photos_to_the_business(  # noqa: PLR0917
    console_page_as: Callable[..., Page],
    stack: Description,
    phone: Phone,
    new_phone: Callable[[], Phone],
    business: Business,
    samples: Path,
    eventually: Callable[..., object],
) -> None:
    page = console_page_as("editor")
    page.get_by_role("button", name="Create a flow").first.click()
    page.get_by_role("textbox", name="Title").fill(f"Photos {RUN}")
    page.get_by_role("button", name="Create", exact=True).click()
    for number in ("first", "second", "third"):
        ask_for_file(page, f"Send me the {number} photo.", number)
        upload(page, number, f"{number} of three")
    choose_exit(page, "Success", "End the session")

    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Publish").click()
    expect(page.get_by_text(f"Version 1 of {FLOW} is live")).to_be_visible()

    api = ManagementClient(stack)
    etag, routes = api.etag("/routes"), api.get("/routes")
    routes["routes"].insert(0, {"keywords": [FLOW], "flow": FLOW})
    api.request("PUT", "/routes", json=routes, headers={"If-Match": etag})
    photos = [samples / f"photo-{number}.jpg" for number in (1, 2, 3)]
    eventually(lambda: answer_to(new_phone(), FLOW).startswith("Send me the first photo."))  # within 5 seconds
    phone.say(FLOW)
    for number, photo in zip(("first", "second", "third"), photos, strict=True):
        assert phone.receive()[0]["text"].startswith(f"Send me the {number} photo.")
        phone.send(photo, kind="image")
    eventually(lambda: len(business.uploads()) == len(photos), within=60)
    stored = [each["sha256"] for each in reversed(business.uploads())]
    assert stored == [sha256(photo.read_bytes()) for photo in photos]
