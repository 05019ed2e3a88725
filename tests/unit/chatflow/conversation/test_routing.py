"""Which flow a message starts, and which words leave any flow."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.whatsapp.updates import read_message
from chatflow.conversation import routing
from chatflow.conversation.routing import PublishedRoutes, flow_for, leave_route
from chatflow.flows.routes import Routes
from chatflow.messages import IncomingMessage, MessageKind

ROUTES: dict[str, Any] = Routes.model_validate(
    {
        "chatflow": 1,
        "routes": [
            {"keywords": ["Sí", "Damage!"], "flow": "claims"},
            {"keywords": ["menu"], "channel": "telegram", "flow": "elsewhere"},
            {"keywords": ["menu"], "account": "106", "flow": "menu"},
        ],
        "leave": [{"words": ["Stop", "No, gracias"], "say": "Bye"}],
    }
).compiled()
# As they were published by an earlier version: capitals folded, single blanks, nothing else.
EARLIER: dict[str, Any] = {
    "routes": [
        {"keywords": ["damage!", "si"], "channel": "", "account": "", "flow": "claims"},
        {"keywords": ["sí", "car  crash"], "channel": "", "account": "", "flow": "spanish"},
    ],
    "leave": [{"words": ["stop.", "no, gracias"], "say": "Bye", "then": "end"}],
}


def message(text: str, kind: MessageKind = "text", **more: Any) -> IncomingMessage:
    return IncomingMessage("m", "whatsapp", "106", "1650", kind, 1, text=text, **more)


@pytest.mark.parametrize(
    "text", ["stop", "Stop.", "STOP!", "*stop*", "\uff33\uff34\uff2f\uff30", "Stop \U0001f64f", "No gracias"]
)
@pytest.mark.parametrize("routes", [ROUTES, EARLIER], ids=["now", "earlier"])
def test_a_word_leaves_any_flow_however_it_is_written(routes: dict[str, Any], text: str) -> None:
    assert leave_route(routes, message(text)) is not None


@pytest.mark.parametrize("text", ["don't stop", "stopp", "", "!", "\U0001f64f"])
@pytest.mark.parametrize("routes", [ROUTES, EARLIER], ids=["now", "earlier"])
def test_another_text_leaves_nothing(routes: dict[str, Any], text: str) -> None:
    assert leave_route(routes, message(text)) is None


@pytest.mark.parametrize("text", ["damage", "Damage!", "*Damage*", "SI", "si.", "Damage \U0001f697"])
@pytest.mark.parametrize("routes", [ROUTES, EARLIER], ids=["now", "earlier"])
def test_a_keyword_starts_its_flow_however_it_is_written(routes: dict[str, Any], text: str) -> None:
    assert flow_for(routes, message(text)) == "claims"


def test_a_keyword_of_another_channel_starts_nothing_here() -> None:
    assert flow_for(ROUTES, message("Menu.")) == "menu"


def test_of_two_keywords_that_were_published_before_they_were_alike_the_one_that_was_typed_counts() -> None:
    assert [flow_for(EARLIER, message(text)) for text in ("si", "sí", "SÍ", "Si!")] == [
        "claims",
        "spanish",
        "spanish",
        "claims",
    ]


def test_a_route_for_every_message_comes_before_a_keyword_below_it() -> None:
    routes = {"routes": [{"keywords": [], "channel": "", "flow": "all"}, *EARLIER["routes"]]}
    assert flow_for(routes, message("si")) == "all"


def test_a_template_button_with_the_title_of_a_word_leaves_the_flow() -> None:
    tapped = whatsapp("button", {"payload": "P-17", "text": "Stop"})
    assert tapped.kind == "choice"
    assert leave_route(ROUTES, tapped) is not None
    assert leave_route(ROUTES, whatsapp("button", {"text": "*STOP!*"})) is not None
    assert leave_route(ROUTES, whatsapp("text", {"body": "Stop."})) is not None


def test_an_option_of_a_menu_with_the_title_of_a_word_is_an_answer_to_the_menu() -> None:
    reply = {"type": "button_reply", "button_reply": {"id": "stop", "title": "Stop"}}
    assert leave_route(ROUTES, whatsapp("interactive", reply)) is None


def test_a_tap_starts_the_flow_of_its_title_or_its_payload() -> None:
    assert flow_for(ROUTES, whatsapp("button", {"payload": "P-17", "text": "Damage"})) == "claims"
    assert flow_for(ROUTES, whatsapp("button", {"payload": "DAMAGE", "text": "Report it"})) == "claims"


@pytest.mark.parametrize("kind", ["media", "location", "other"])
def test_a_message_without_words_starts_no_flow_of_a_keyword(kind: MessageKind) -> None:
    routes = {"routes": [{"keywords": [""], "flow": "blank"}]}
    assert flow_for(routes, message("damage", kind)) == ""


def whatsapp(kind: str, content: dict[str, Any]) -> IncomingMessage:
    sent = {"id": "wamid.1", "from": "16505551234", "timestamp": "1700000000", "type": kind, kind: content}
    return read_message(sent, [], "106")


def test_the_words_of_many_routes_are_compared_once_for_a_version(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [{"keywords": [f"word {route} {each}" for each in range(100)], "flow": f"f{route}"} for route in range(300)]
    routes, compared = PublishedRoutes({"routes": many}), []
    monkeypatch.setattr(routing, "plain_word", lambda word: compared.append(word) or word)
    assert [flow_for(routes, message(f"Word {route} 99!")) for route in (0, 7, 299)] == ["f0", "f7", "f299"]
    assert len(compared) == 300 * 100
