"""Who a webhook is about: the address that lasts, the one to write to, and the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.channels.whatsapp.webhook import parse
from chatflow.conversation.events import Event, conversation_key, message_event
from chatflow.messages import IdentityChange, IncomingMessage
from tests.unit.chatflow.channels.whatsapp.examples import ACCOUNT
from tests.unit.functions.webhook.test_receive import FakeDependencies
from webhook.receive import _event

NUMBER, USER = "16505550100", "US.1"


def parsed(message: dict[str, Any], *contacts: dict[str, Any]) -> IncomingMessage:
    whole = {"id": "wamid.1", "timestamp": "1744344496", "type": "text", "text": {"body": "Hi"}, **message}
    value = {"metadata": {"phone_number_id": ACCOUNT}, "contacts": list(contacts), "messages": [whole]}
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    (found,) = parse(json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()).messages
    return found


def event(message: dict[str, Any], *contacts: dict[str, Any]) -> Event:
    return _event("k", parsed(message, *contacts), message_event)


def key(address: str) -> str:
    return conversation_key("k", "whatsapp", ACCOUNT, address)


WITH_BOTH = {"wa_id": NUMBER, "user_id": USER, "profile": {"name": "Ann", "username": "Mara.L"}}
PEOPLE: dict[str, tuple[dict[str, Any], list[dict[str, Any]], tuple[str, str, tuple[str, ...]]]] = {
    "number and user id": ({"from": NUMBER, "from_user_id": USER}, [], (NUMBER, USER, (NUMBER,))),
    "user id only": ({"from_user_id": USER}, [], (USER, USER, ())),
    "number only": ({"from": NUMBER}, [], (NUMBER, "", ())),
    "user id beside": ({"from": NUMBER}, [WITH_BOTH], (NUMBER, USER, (NUMBER, "@mara.l"))),
    "user id as sender": ({"from": USER}, [], (USER, USER, ())),
    "number beside": ({"from_user_id": USER}, [WITH_BOTH], (NUMBER, USER, (NUMBER, "@mara.l"))),
    "another one beside": ({"from": "4915", "from_user_id": "DE.1"}, [WITH_BOTH], ("4915", "DE.1", ("4915",))),
    "an older spelling": (
        {"from": "554787654321", "from_user_id": "BR.1"},
        [{"wa_id": "5547987654321", "user_id": "BR.1"}],
        ("554787654321", "BR.1", ("554787654321", "5547987654321")),
    ),
    "an older spelling without a user id": ({"from": "5215512345678"}, [], ("5215512345678", "", ("525512345678",))),
    "an enterprise": (
        {"from_user_id": USER, "from_parent_user_id": "US.ENT.9"},
        [],
        (USER, USER, ("US.ENT.9",)),
    ),
    "odd optional fields": (
        {"from": None, "from_user_id": USER, "from_parent_user_id": 7},
        [{"user_id": USER, "profile": {"username": ["x"]}}],
        (USER, USER, ()),
    ),
}


@pytest.mark.parametrize("case", PEOPLE)
def test_a_person_is(case: str) -> None:
    message, contacts, expected = PEOPLE[case]
    found = parsed(message, *contacts)
    assert (found.contact, found.identity, found.other_addresses) == expected


def test_bsuid_only_after_phone_is_one_conversation() -> None:
    """The case `bsuid-only-after-phone`."""
    first = event({"from": NUMBER, "from_user_id": USER})
    second = event({"from_user_id": USER, "type": "image", "image": {"id": "9"}})
    assert first["conversation"] == second["conversation"] == key(USER)
    assert first["aliases"] == [key(NUMBER)]
    assert second["hidden"]


def test_a_webhook_without_user_ids_keeps_the_key_of_before() -> None:
    assert event({"from": "5215512345678"})["conversation"] == key("5215512345678")


def test_no_event_holds_an_address_but_the_one_to_write_to() -> None:
    shown = json.dumps(event({"from": NUMBER, "from_user_id": USER}, WITH_BOTH))
    assert USER not in shown
    assert "mara" not in shown.lower()


SYSTEM: dict[str, Any] = {"type": "system", "text": None}
CHANGES: dict[str, tuple[dict[str, Any], IdentityChange]] = {
    "number and user id": (
        {"from": NUMBER, "system": {"type": "user_changed_number", "wa_id": "4915", "user_id": "DE.2",
                                    "previous_user_id": USER}},
        IdentityChange((USER, NUMBER), ("DE.2", "4915"), "4915"),
    ),
    "user id alone": (
        {"system": {"type": "user_changed_user_id", "user_id": "DE.2", "previous_user_id": USER}},
        IdentityChange((USER,), ("DE.2",), "DE.2"),
    ),
    "number alone": (
        {"from": NUMBER, "system": {"type": "user_changed_number", "wa_id": "4915"}},
        IdentityChange((NUMBER,), ("4915",), "4915"),
    ),
    "number, in the field's older name": (
        {"from": NUMBER, "system": {"type": "customer_changed_number", "new_wa_id": "4915"}},
        IdentityChange((NUMBER,), ("4915",), "4915"),
    ),
    "the sender by the new user id": (
        {"from_user_id": "DE.2", "system": {"type": "user_changed_user_id", "user_id": "DE.2",
                                            "previous_user_id": USER}},
        IdentityChange((USER,), ("DE.2",), "DE.2"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_a_system_message_tells_a_change_of(case: str) -> None:
    message, expected = CHANGES[case]
    found = parsed({**SYSTEM, **message})
    assert found.change == expected
    assert (found.kind, found.other) == ("other", "system")
    moved = event({**SYSTEM, **message})
    assert (moved["kind"], moved["conversation"], moved["to"]) == ("move", key(expected.old[0]), key(expected.new[0]))


@pytest.mark.parametrize(
    "system",
    [
        {"type": "user_changed_number"},
        {"type": "user_changed_number", "wa_id": NUMBER},
        {"type": "user_identity_changed", "wa_id": "4915"},
        {"type": 7},
        "words",
    ],
)
def test_a_system_message_that_names_no_change_is_quiet(system: Any) -> None:
    assert parsed({**SYSTEM, "from": NUMBER, "system": system}).change is None


def test_the_webhook_needs_no_table_for_it() -> None:
    """FakeDependencies has queues, and no table."""
    assert FakeDependencies().post() == 200
