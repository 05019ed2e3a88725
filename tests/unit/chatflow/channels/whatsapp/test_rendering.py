"""Our messages as Meta's request bodies: within every limit, the plainer form where the richer one does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.whatsapp.rendering import UploadedFile, render
from chatflow.channels.whatsapp.webhook import parse
from chatflow.errors import InvalidInput
from chatflow.messages import Choices, Option, OutgoingMessage, Text
from tests.unit.chatflow.channels.whatsapp.examples import CONTACT, USER_ID, message, messages

TO = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": CONTACT}
YES_NO = (Option("yes", "Yes"), Option("no", "No"))


def _options(count: int, **more: str) -> tuple[Option, ...]:
    return tuple(Option(f"id_{number}", f"Option {number}", **more) for number in range(count))


def _forms(bodies: list[dict[str, Any]]) -> list[str]:
    return [body["interactive"]["type"] if body["type"] == "interactive" else body["type"] for body in bodies]


WHOLE: dict[str, tuple[OutgoingMessage | UploadedFile, dict[str, Any]]] = {
    "a text": (Text("Hello"), {"type": "text", "text": {"body": "Hello"}}),
    "a text with a preview of its link": (
        Text("https://example.com", preview_url=True),
        {"type": "text", "text": {"body": "https://example.com", "preview_url": True}},
    ),
    "two buttons": (
        Choices("Sure?", YES_NO),
        {
            "type": "interactive",
            "interactive": {
                "type": "button",
                "body": {"text": "Sure?"},
                "action": {
                    "buttons": [
                        {"type": "reply", "reply": {"id": "yes", "title": "Yes"}},
                        {"type": "reply", "reply": {"id": "no", "title": "No"}},
                    ]
                },
            },
        },
    ),
    "a list": (
        Choices("Where?", (Option("n", "North", "Cold"), Option("s", "South")), button="Regions"),
        {
            "type": "interactive",
            "interactive": {
                "type": "list",
                "body": {"text": "Where?"},
                "action": {
                    "button": "Regions",
                    "sections": [
                        {"rows": [{"id": "n", "title": "North", "description": "Cold"}, {"id": "s", "title": "South"}]}
                    ],
                },
            },
        },
    ),
    "numbered options": (
        Choices("Which?", (Option("a", "A title that is longer than a row", "really"), Option("b", "B"))),
        {"type": "text", "text": {"body": "Which?\n\n1. A title that is longer than a row - really\n2. B"}},
    ),
    "an image": (UploadedFile("image", "7"), {"type": "image", "image": {"id": "7"}}),
    "an image with a caption": (
        UploadedFile("image", "7", "My car", "car.jpg"),
        {"type": "image", "image": {"id": "7", "caption": "My car"}},
    ),
    "a video with a caption": (
        UploadedFile("video", "7", "Look", "car.mp4"),
        {"type": "video", "video": {"id": "7", "caption": "Look"}},
    ),
    "a document, whose caption nobody would see": (
        UploadedFile("document", "7", "My claim", "claim.pdf"),
        {"type": "document", "document": {"id": "7", "filename": "claim.pdf"}},
    ),
    "a document without a name": (UploadedFile("document", "7"), {"type": "document", "document": {"id": "7"}}),
    "audio, which shows neither": (
        UploadedFile("audio", "7", "Listen", "note.ogg"),
        {"type": "audio", "audio": {"id": "7"}},
    ),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_message_becomes(case: str) -> None:
    sent, expected = WHOLE[case]
    assert render(sent, CONTACT) == [{**TO, **expected}]


def test_who_hides_their_number_is_addressed_by_user_id() -> None:
    [body] = render(Text("Hello"), USER_ID)
    assert body["recipient"] == USER_ID
    assert "to" not in body


def test_a_text_that_says_nothing_is_not_sent() -> None:
    assert render(Text(" \n"), CONTACT) == []


def test_a_file_of_a_kind_that_whatsapp_has_no_form_for_is_invalid_input() -> None:
    with pytest.raises(InvalidInput):
        render(UploadedFile("hologram", "7"), CONTACT)


FORMS: dict[str, tuple[Choices, list[str]]] = {
    "three short titles": (Choices("?", _options(3)), ["button"]),
    "four options": (Choices("?", _options(4)), ["list"]),
    "ten options": (Choices("?", _options(10)), ["list"]),
    "eleven options": (Choices("?", _options(11)), ["text"]),
    "no options": (Choices("Nothing to choose", ()), ["text"]),
    "a title of 20": (Choices("?", (Option("a", "x" * 20),)), ["button"]),
    "a title of 21": (Choices("?", (Option("a", "x" * 21),)), ["list"]),
    "a title of 24": (Choices("?", (Option("a", "x" * 24),)), ["list"]),
    "a title of 25": (Choices("?", (Option("a", "x" * 25),)), ["text"]),
    "a title of 20 signs, of which one is an emoji": (Choices("?", (Option("a", "x" * 19 + "😀"),)), ["list"]),
    "a description": (Choices("?", _options(2, description="more")), ["list"]),
    "a description of 72": (Choices("?", _options(2, description="x" * 72)), ["list"]),
    "a description of 73": (Choices("?", _options(2, description="x" * 73)), ["text"]),
    "an id of 200": (Choices("?", (Option("i" * 200, "A", "more"),)), ["list"]),
    "an id of 201 in a list": (Choices("?", (Option("i" * 201, "A", "more"),)), ["text"]),
    "an id of 256": (Choices("?", (Option("i" * 256, "A"),)), ["button"]),
    "an id of 257": (Choices("?", (Option("i" * 257, "A"),)), ["text"]),
    "an id that Meta would trim": (Choices("?", (Option(" a", "A"),)), ["text"]),
    "an empty id": (Choices("?", (Option("", "A"),)), ["text"]),
    "a title that is blank": (Choices("?", (Option("a", " "),)), ["text"]),
    "two options with one title": (Choices("?", (Option("a", "Same"), Option("b", "Same"))), ["list"]),
    "two options with one id": (Choices("?", (Option("a", "A"), Option("a", "B"))), ["text"]),
    "a question of 1,025": (Choices("x" * 1025, YES_NO), ["text", "button"]),
    "a question of 1,025 over a list": (Choices("x" * 1025, _options(4)), ["text", "list"]),
}


@pytest.mark.parametrize("case", FORMS)
def test_options_take_the_richest_form_that_holds_them(case: str) -> None:
    choices, forms = FORMS[case]
    assert _forms(render(choices, CONTACT)) == forms


@pytest.mark.parametrize("count", [1, 3, 4, 10])
def test_a_tapped_option_comes_back_as_the_id_that_was_sent(count: int) -> None:
    [body] = render(Choices("Which?", _options(count)), CONTACT)
    action = body["interactive"]["action"]
    if count <= 3:
        taps = [("button_reply", button["reply"]) for button in action["buttons"]]
    else:
        taps = [("list_reply", row) for row in action["sections"][0]["rows"]]
    sent = (message("interactive", {"type": kind, kind: reply}, id=f"w{reply['id']}") for kind, reply in taps)
    assert [found.choice for found in parse(messages(*sent)).messages] == [option.id for option in _options(count)]


@pytest.mark.parametrize(
    ("label", "shown"),
    [("Choose", "Choose"), ("", "Choose"), ("x" * 20, "x" * 20), ("Please choose one of these", "Please choose one…")],
)
def test_the_label_that_opens_a_list_fits(label: str, shown: str) -> None:
    [body] = render(Choices("Which?", _options(4), button=label), CONTACT)
    assert body["interactive"]["action"]["button"] == shown


@pytest.mark.parametrize(("question", "button", "asked"), [("", "Pick", "Pick"), (" ", " ", "?")])
def test_options_without_a_question_still_ask(question: str, button: str, asked: str) -> None:
    [body] = render(Choices(question, YES_NO, button=button), CONTACT)
    assert body["interactive"]["body"]["text"] == asked


def test_a_text_over_the_limit_becomes_several_in_order() -> None:
    paragraphs = [f"{number} " + "word " * 300 for number in range(8)]
    bodies = render(Text("\n\n".join(paragraphs)), CONTACT)
    assert all(len(body["text"]["body"]) <= 4096 for body in bodies)
    assert [body["text"]["body"][0] for body in bodies] == ["0", "2", "4", "6"]


def test_a_caption_over_the_limit_goes_on_as_text() -> None:
    first, second = "word " * 200, "more " * 20
    image, text = render(UploadedFile("image", "7", f"{first.strip()}\n\n{second}"), CONTACT)
    assert image["image"]["caption"] == first.strip()
    assert text["text"]["body"] == second.strip()
