"""The work at the web console by keyboard alone: no test here has a mouse, and each key acts on what has the focus."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from local.description import Description
from local.management_client import ManagementClient
from tests.samples import document_pdf

# The stack may have been used before: names that no earlier run has taken.
RUN = int(time.time())
MOST_STOPS = 60  # more would be no way to work, or a trap


@dataclass
class Keyboard:
    """A person who presses one key after another."""

    page: Page

    def __post_init__(self) -> None:
        # The browser tells of a window for files only when somebody listened before it opened.
        self.page.on("filechooser", lambda _: None)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Instead of what the field holds; a person sees the cursor in it before writing."""
        expect(self.page.locator(":is(input, textarea):focus")).to_have_count(1)
        self.press("Control+a")
        self.page.keyboard.type(text)

    def go_to(self, target: Locator, key: str = "Tab") -> None:
        """Press the key until the target has the focus; it may be there already."""
        expect(target.first).to_be_visible()
        for _ in range(MOST_STOPS):
            if self.page.locator(":focus").and_(target).count():
                return
            self.press(key)
        raise AssertionError(f"{MOST_STOPS} x {key} do not lead to {target}")

    def back_to(self, target: Locator) -> None:
        self.go_to(target, "Shift+Tab")

    def button(self, name: str, within: Locator | None = None) -> None:
        place = within or self.page
        self.go_to(place.get_by_role("button", name=name))
        self.press("Enter")

    def choose_file(self, button: Locator, name: str) -> None:
        self.go_to(button)
        with self.page.expect_file_chooser() as chooser:
            self.press("Enter")
        chooser.value.set_files({"name": name, "mimeType": "application/pdf", "buffer": document_pdf()})

    def choose(self, box: Locator, option: str) -> None:
        """In a select box with a search."""
        self.go_to(box)
        self.press("Enter")
        expect(self.page.get_by_role("option").first).to_be_visible()
        self.page.keyboard.type(option)
        expect(self.page.get_by_role("option", name=option).first).to_be_visible()
        self.press("ArrowDown", "Enter")
        expect(box).to_be_focused()


def card(page: Page, node: str) -> Locator:
    return page.locator(f".react-flow__node[data-id={node}]")


def test_a_flow_is_made_from_an_example_changed_checked_and_published(
    new_page: Callable[[], Page], stack: Description
) -> None:
    page = new_page()
    keyboard, form, dialog = Keyboard(page), page.get_by_role("complementary"), page.get_by_role("dialog")
    page.goto("/flows")
    keyboard.go_to(page.get_by_label("Username"))
    keyboard.write(stack.admin_user)
    keyboard.go_to(page.get_by_label("Password"))
    keyboard.write(stack.admin_password)
    keyboard.press("Enter")

    keyboard.button("Create a flow")
    keyboard.go_to(dialog.get_by_role("radio", name="A blank flow"))
    keyboard.go_to(dialog.get_by_role("radio", name="Example: Receive one file"), "ArrowDown")
    keyboard.go_to(dialog.get_by_role("textbox", name="Title"))
    keyboard.write(f"Keys {RUN}")
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Keys {RUN}")).to_be_visible()

    keyboard.go_to(card(page, "ask_file"))
    keyboard.press("Enter")
    keyboard.go_to(form.get_by_role("textbox", name="Prompt"))
    keyboard.write("Send me one photo, please.")
    keyboard.back_to(form.get_by_role("button", name="Close: Form of ask_file"))
    keyboard.press("Enter")
    expect(card(page, "ask_file")).to_be_focused()
    expect(card(page, "ask_file")).to_contain_text("Send me one photo, please.")

    keyboard.press("a")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    keyboard.write("Send a file")
    keyboard.press("Enter")
    expect(form.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
    keyboard.write("leaflet")
    keyboard.go_to(form.get_by_role("radio", name="File of the library"))
    keyboard.press("Space")
    keyboard.button("Add file", form)
    keyboard.choose_file(dialog.get_by_role("button", name="Choose files"), f"Keys {RUN}.pdf")
    expect(dialog.get_by_text("Ready", exact=True)).to_be_visible(timeout=60_000)
    keyboard.button(f"Use Keys {RUN}.pdf", dialog)
    expect(form.get_by_role("button", name="Change the file")).to_be_focused()
    keyboard.choose(form.get_by_role("button", name="Sent (required)"), "thanks")
    keyboard.back_to(form.get_by_role("button", name="Close: Form of leaflet"))
    keyboard.press("Enter")
    expect(card(page, "leaflet")).to_be_focused()

    keyboard.press("/")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    keyboard.write("upload")
    keyboard.press("Enter")
    expect(card(page, "upload")).to_be_focused()
    keyboard.press("Enter")
    keyboard.choose(form.get_by_role("button", name="Success (required)"), "leaflet")

    keyboard.back_to(page.get_by_role("button", name="Check"))
    keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="No problems")).to_be_visible()
    keyboard.press("Escape")
    expect(page.get_by_role("button", name="Check")).to_be_focused()
    keyboard.button("Publish")
    keyboard.go_to(dialog.get_by_role("textbox", name="Note"))
    keyboard.write("A leaflet for everybody")
    keyboard.button("Publish", dialog)
    expect(page.get_by_text(f"Version 1 of keys-{RUN} is live")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_be_focused()
    live = ManagementClient(stack).get(f"/flows/keys-{RUN}")
    assert live["version"] == 1, live


def test_a_file_is_added_renamed_and_deleted_and_a_protected_one_says_why(console_page: Page) -> None:
    page = console_page
    keyboard, dialog = Keyboard(page), page.get_by_role("dialog")
    keyboard.go_to(page.get_by_role("link", name="Assets", exact=True))
    keyboard.press("Enter")
    add = page.get_by_role("button", name="Add file")
    keyboard.go_to(add)
    keyboard.press("Enter")
    keyboard.choose_file(dialog.get_by_role("button", name="Choose files"), f"Prices {RUN}.pdf")
    expect(dialog.get_by_text("Ready", exact=True)).to_be_visible(timeout=60_000)
    keyboard.press("Escape")
    expect(add).to_be_focused()

    search = page.get_by_label("Find a file by its name")
    keyboard.go_to(search)
    keyboard.write(f"{RUN}")
    do(keyboard, f"Actions for Prices {RUN}.pdf", "Rename")
    expect(dialog.get_by_role("textbox", name="Filename")).to_be_focused()
    keyboard.write(f"List {RUN}.pdf")
    keyboard.press("Enter")
    renamed = page.get_by_role("button", name=f"Actions for List {RUN}.pdf")
    expect(renamed).to_be_focused()
    do(keyboard, f"Actions for List {RUN}.pdf", "Delete")
    keyboard.button("Delete", dialog)
    expect(renamed).to_have_count(0)
    expect(page.locator("body")).not_to_be_focused()

    keyboard.back_to(search)
    keyboard.write("what-happens-next")
    do(keyboard, "Actions for", "Delete")
    expect(dialog.get_by_text("Live flows send this file")).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    keyboard.go_to(dialog.get_by_role("link", name="asset-then-continue"))
    keyboard.press("Escape")
    expect(page.get_by_role("button", name="Actions for")).to_be_focused()


def do(keyboard: Keyboard, menu: str, item: str) -> None:
    button = keyboard.page.get_by_role("button", name=menu)
    expect(button).to_have_count(1)
    keyboard.go_to(button)
    keyboard.press("Enter")
    keyboard.go_to(keyboard.page.get_by_role("menuitem", name=item), "ArrowDown")
    keyboard.press("Enter")


def test_nodes_are_found_added_connected_renamed_and_undone_on_the_canvas_and_in_the_outline(
    console_page: Page, stack: Description
) -> None:
    page, name = console_page, f"outline-{RUN}"
    flow = {"chatflow": 1, "flow": name, "start": "hello"}
    flow["nodes"] = {"hello": {"type": "text", "say": "Hello", "then": "bye"}}
    flow["nodes"]["bye"] = {"type": "text", "say": "Good bye"}
    ManagementClient(stack).request("PUT", f"/flows/{name}/draft", json=flow, headers={"If-None-Match": "*"})
    keyboard, form = Keyboard(page), page.get_by_role("complementary")
    page.goto(f"/flows/{name}")

    keyboard.go_to(card(page, "hello"))
    keyboard.press("ArrowRight")
    expect(card(page, "bye")).to_be_focused()
    keyboard.press("Shift+ArrowDown", "ArrowLeft")
    expect(card(page, "hello")).to_be_focused()
    keyboard.press("Control+z", "/")
    keyboard.write("Good")
    keyboard.press("Enter")
    expect(card(page, "bye")).to_be_focused()

    keyboard.back_to(page.get_by_role("button", name="Outline"))
    keyboard.press("Enter")
    keyboard.button("Add a node after Sent of bye")
    keyboard.write("Text")
    keyboard.press("Enter")
    own_name = form.get_by_role("textbox", name="Name", exact=True)
    expect(own_name).to_be_focused()
    keyboard.write("later")
    keyboard.press("Tab")
    expect(page.get_by_role("complementary", name="Form of later")).to_be_visible()
    expect(form.locator(":focus")).to_have_count(1)
    keyboard.go_to(form.get_by_role("textbox", name="Say"))
    keyboard.write("See you later")
    keyboard.back_to(form.get_by_role("button", name="Close: Form of later"))
    keyboard.press("Enter")
    later = page.locator("[data-outline=later]")
    expect(later).to_be_focused()

    choose = page.get_by_role("button", name="Choose where Sent of later leads")
    keyboard.go_to(choose)
    keyboard.press("Enter")
    keyboard.go_to(page.locator(".outline-select").get_by_role("button"))
    keyboard.press("Enter")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.type("hello")
    expect(page.get_by_role("option", name="hello")).to_be_visible()
    keyboard.press("ArrowDown", "Enter")
    expect(choose).to_be_focused()
    expect(page.get_by_role("list", name="Exits of later").get_by_role("link", name="Go to hello")).to_be_visible()
    undo = page.get_by_role("button", name="Undo")
    keyboard.back_to(undo)
    keyboard.press("Enter")
    expect(page.get_by_role("list", name="Exits of later").get_by_role("link", name="Go to hello")).to_have_count(0)
    for _ in range(MOST_STOPS):
        if undo.is_disabled():
            break
        keyboard.press("Enter")
    expect(later).to_have_count(0)
    expect(undo).to_be_focused()
