"""Inputs of real WhatsApp accounts that once failed (whatsapp.json), from the webhook's JSON to the turn.

Each test is named after its case.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.channels.whatsapp.webhook import parse
from chatflow.conversation.events import Event, message_event
from chatflow.conversation.routing import RESEND
from chatflow.messages import IncomingMessage
from tests.fakes.turns import ENDS, FakeConversation, waits
from tests.unit.chatflow.channels.whatsapp.examples import Json, message, messages
from tests.unit.functions.conversation.test_old_options import asks

ROUTES: Json = {
    "routes": [{"keywords": ["file"], "flow": "file"}, {"flow": "claims"}],
    "leave": [{"words": ["stop"], "say": "Bye.", "then": "end"}],
    "no_match": "What?",
    "unsupported": "I cannot read that.",
}
QUIET = ["edit", "pin", "unpin", "keep_in_chat", "reaction", "poll_update", "poll_creation", "revoke"]


def read(sent: Json) -> IncomingMessage:
    webhook = parse(messages(sent))
    assert webhook.skipped == []
    [found] = webhook.messages
    return found


def event(sent: Json) -> Event:
    return message_event(read(sent), "c_ann")


def a_conversation(*answers: Json, **routes: Any) -> FakeConversation:
    return FakeConversation(list(answers), {**ROUTES, **routes}, flows=["claims", "file"])


def waiting_conversation(*answers: Json) -> FakeConversation:
    """One whose session waits for an answer to a question with the id wamid.asked."""
    conversation = a_conversation(asks("wamid.asked"), *answers)
    conversation.process(event(message("text", {"body": "Hello"}, id="wamid.first")))
    return conversation


def assert_quiet(conversation: FakeConversation, sent: Json) -> None:
    """Nothing runs, so nothing is said and no attempt is used; the deadline stays."""
    before, runs = conversation.sessions.session, len(conversation.runs)
    conversation.process(event(sent))
    after = conversation.sessions.session
    assert len(conversation.runs) == runs
    assert after is not None
    if before is not None:
        assert (after.state, after.waiting, after.node) == (before.state, before.waiting, before.node)


EDIT = message(
    "edit", {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "B AB 1234"}}}, id="wamid.2"
)


def test_edit() -> None:
    conversation = waiting_conversation()
    assert_quiet(conversation, EDIT)
    noted = conversation.sessions.records["wamid.2"]["event"]["message"]
    assert (noted["other"], noted["text"], noted["original"]) == ("edit", "B AB 1234", "wamid.1")


def test_the_text_of_an_edit_is_hidden_in_a_session_with_a_sensitive_answer() -> None:
    sensitive = {"node": "ask", "visit": 1, "effects": [{"effect": "answer", "sensitive": ["pin"]}]}
    conversation = waiting_conversation(waits("next", trail=[sensitive]))
    conversation.process(event(message("text", {"body": "1234"}, id="wamid.1")))
    conversation.process(event(EDIT))
    assert conversation.sessions.records["wamid.2"]["event"]["message"]["text"] == "***"


@pytest.mark.parametrize("kind", QUIET)
def test_unsupported_edit(kind: str) -> None:
    sent = message("unsupported", {"type": kind}, errors=[{"code": 131051}], id="wamid.2")
    assert read(sent).other == kind
    assert_quiet(waiting_conversation(), sent)
    assert_quiet(a_conversation(), sent)


@pytest.mark.parametrize("kind", ["gif", "group_invite", "product", "errors", "a_type_of_next_year", ""])
def test_other_unsupported_messages_are_answered(kind: str) -> None:
    conversation = a_conversation(ENDS)
    conversation.process(event(message("unsupported", {"type": kind}, errors=[{"code": 131051}])))
    assert len(conversation.texts) == 1


@pytest.mark.parametrize("length", [4097, 9000, 65_536])
def test_long_text(length: int) -> None:
    found = read(message("text", {"body": "x" * length}))
    assert found.kind == "text"
    assert set(found.text) == {"x"}
    assert len(found.text) == min(length, 8192)
    assert found.cut == (length > 8192)


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
@pytest.mark.parametrize("content", [{"mime_type": "image/jpeg"}, {}, {"id": None}, {"id": 9}, None])
def test_no_media_id(kind: str, content: Json | None) -> None:
    sent = message(kind, content, errors=[{"code": 131052}])
    found = read(sent)
    assert (found.kind, found.other, found.lost_file) == ("other", kind, True)

    conversation = a_conversation(ENDS)
    conversation.process(event(sent))
    assert conversation.texts == [RESEND]


def test_no_media_id_is_answered_in_the_words_of_the_routes() -> None:
    conversation = a_conversation(ENDS, resend="Noch einmal, bitte.")
    conversation.process(event(message("unsupported", {"type": "media_placeholder"})))
    assert conversation.texts == ["Noch einmal, bitte."]


@pytest.mark.parametrize("size", [None, "big", -1, {}, [], True, 0.5])
def test_media_size_null(size: object) -> None:
    found = read(message("image", {"id": "9", "file_size": size}))
    assert found.media is not None
    assert (found.kind, found.media.id, found.media.size) == ("media", "9", 0)


def test_welcome() -> None:
    welcome = message("request_welcome", id="wamid.2")
    conversation = a_conversation(waits())
    assert conversation.process(event(welcome)) == "waiting"
    assert conversation.runs[0]["flow"] == "claims"

    without_default = a_conversation(routes=[{"keywords": ["file"], "flow": "file"}])
    assert_quiet(without_default, welcome)
    assert_quiet(waiting_conversation(), welcome)


WITHHELD = message("unsupported", errors=[{"code": 131060, "title": "This message is unavailable"}], id="wamid.2")


def test_unavailable_first_message() -> None:
    conversation = a_conversation(waits())
    assert conversation.process(event(WITHHELD)) == "waiting"
    assert conversation.runs[0]["flow"] == "claims"

    without_default = a_conversation(ENDS, routes=[{"keywords": ["file"], "flow": "file"}])
    without_default.process(event(WITHHELD))
    assert without_default.texts == ["What?"]


def test_a_later_message_that_is_withheld_has_the_question_asked_again_without_using_an_attempt() -> None:
    conversation = waiting_conversation(asks("wamid.again"))
    assert conversation.process(event(WITHHELD)) == "waiting"
    assert (conversation.runs[1]["at"], conversation.runs[1]["phase"]) == ("ask", "enter")


def test_old_option() -> None:
    conversation = waiting_conversation(asks("wamid.again"))
    reply = {"type": "list_reply", "list_reply": {"id": "parked", "title": "Hit while parked"}}
    old = message("interactive", reply, context={"id": "wamid.of-an-older-question"}, id="wamid.2")
    assert conversation.process(event(old)) == "waiting"
    assert (conversation.runs[1]["at"], conversation.runs[1]["phase"]) == ("ask", "enter")


def test_form() -> None:
    reply = {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"plate":"B AB 1"}'}}
    found = read(message("interactive", reply))
    assert (found.kind, found.form) == ("form", {"plate": "B AB 1"})


def test_a_form_that_claims_fifty_files_is_bounded() -> None:
    files = [{"id": number, "mime_type": "image/jpeg", "file_name": f"{number}.jpg"} for number in range(50)]
    answers = {"photos": files, "plate": "B AB 1", "novel": "x" * 100_000, "more": {str(n): files for n in range(99)}}
    reply = {"type": "nfm_reply", "nfm_reply": {"response_json": json.dumps(answers)}}
    found = read(message("interactive", reply))
    assert found.form is not None
    assert found.cut
    assert found.form["plate"] == "B AB 1"
    assert found.form["photos"] == files[:30]
    assert len(json.dumps(found.form)) < 10_000


@pytest.mark.parametrize("response", ["no JSON", "[]", "null", "[" * 5000, None, 7])
def test_a_form_whose_answers_cannot_be_read_is_answered(response: object) -> None:
    reply = {"type": "nfm_reply", "nfm_reply": {"response_json": response}}
    assert read(message("interactive", reply)).kind == "other"


REFERRAL = {"source_type": "ad", "source_id": "1", "ctwa_clid": "x"}


def test_referral() -> None:
    sent = message("text", {"body": "Hi"}, referral=REFERRAL)
    assert read(sent).referral == REFERRAL


@pytest.mark.parametrize(
    ("wanted", "started"),
    [("any", "file"), ("ad", "file"), ("1", "file"), ("post", "claims"), ("2", "claims")],
)
def test_referral_chooses_a_route(wanted: str, started: str) -> None:
    conversation = a_conversation(waits(), routes=[{"referral": wanted, "flow": "file"}, {"flow": "claims"}])
    conversation.process(event(message("text", {"body": "Hi"}, referral=REFERRAL)))
    assert conversation.runs[0]["flow"] == started


def test_a_route_for_ads_is_not_for_other_messages() -> None:
    conversation = a_conversation(waits(), routes=[{"referral": "any", "flow": "file"}, {"flow": "claims"}])
    conversation.process(event(message("text", {"body": "Hi"})))
    assert conversation.runs[0]["flow"] == "claims"


@pytest.mark.parametrize(
    "sent",
    [
        message("text", {"body": "Stop."}, id="wamid.2"),
        message("button", {"payload": "p1", "text": "Stop"}, id="wamid.2"),
        message("button", {"payload": "p1", "text": "Stop"}, context={"id": "wamid.template"}, id="wamid.2"),
    ],
    ids=["text", "template", "template-with-context"],
)
def test_stop(sent: Json) -> None:
    conversation = waiting_conversation(ENDS)
    assert conversation.process(event(sent)) == "ended"
    assert conversation.texts == ["Bye."]


def test_contact_cards_are_bounded_whatever_they_hold() -> None:
    card = {
        "name": {"formatted_name": "x" * 8_000},
        "org": {"company": "x" * 8_000},
        "phones": [{"phone": "1" * 8_000}],
    }
    sent = event(message("contacts", [card] * 30, id="wamid.cards"))
    assert sent["message"]["contacts"]
    assert len(json.dumps(sent)) < 20_000
