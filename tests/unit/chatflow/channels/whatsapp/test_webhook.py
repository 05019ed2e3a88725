"""What one POST may carry: a thousand updates, a bad one among them, or nothing that makes sense."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.channels.whatsapp.webhook import parse
from chatflow.errors import InvalidInput
from chatflow.messages import Webhook
from tests.unit.chatflow.channels.whatsapp.examples import Json, document, media, message, messages, posted, value


def _text(number: int) -> Json:
    return message("text", {"body": f"text {number}"}, id=f"wamid.{number}")


def _status(number: int) -> Json:
    return {"id": f"wamid.{number}", "status": "sent", "timestamp": "1", "recipient_id": "16505551234"}


def test_a_thousand_updates_are_read_in_their_order() -> None:
    values = [
        value(messages=[_text(at), _text(at + 1)], statuses=[_status(at), _status(at + 1)]) for at in range(0, 500, 2)
    ]
    webhook = parse(posted(*values))
    assert [found.id for found in webhook.messages] == [f"wamid.{number}" for number in range(500)]
    assert [found.message_id for found in webhook.deliveries] == [f"wamid.{number}" for number in range(500)]
    assert webhook.skipped == []


def test_entries_of_several_accounts_keep_their_own_number() -> None:
    first, second = document(value(messages=[_text(1)])), document(value(messages=[_text(2)]))
    second["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "222"
    both = {**first, "entry": first["entry"] + second["entry"]}
    assert [found.account for found in parse(json.dumps(both).encode()).messages] == ["106540352242922", "222"]


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ("odd", ["entry"]),
        ({"id": "1", "changes": "odd"}, ["entry"]),
        ({"id": "1"}, []),
        ({"id": "1", "changes": ["odd"]}, ["change"]),
        ({"id": "1", "changes": [{"field": "messages"}]}, ["change"]),
        ({"id": "1", "changes": [{"field": "messages", "value": {"messages": []}}]}, ["change"]),
        ({"id": "1", "changes": [{"field": "messages", "value": value(messages="odd")}]}, ["change:messages"]),
        ({"id": "1", "changes": [{"field": "account_update", "value": {}}]}, ["change:account_update"]),
        ({"id": "1", "changes": [{"field": "smb_app_state_sync", "value": {}}]}, ["change:smb_app_state_sync"]),
        ({"id": "1", "changes": [{"field": "Odd\n", "value": {}}]}, ["change:unknown"]),
        ({"id": "1", "changes": [{"field": "messages", "value": value(messages=None)}]}, []),
    ],
)
def test_an_entry_or_change_that_cannot_be_read_costs_the_others_nothing(bad: Any, named: list[str]) -> None:
    whole = document(value(messages=[_text(1)]))
    webhook = parse(json.dumps({**whole, "entry": [bad, *whole["entry"]]}).encode())
    assert [found.id for found in webhook.messages] == ["wamid.1"]
    assert webhook.skipped == named


def test_errors_of_a_whole_value_are_named_by_their_code() -> None:
    webhook = parse(posted(value(messages=[_text(1)], errors=[{"code": 131000, "title": "Something"}, {}, "odd"])))
    assert len(webhook.messages) == 1
    assert webhook.skipped == ["error:131000", "error:unknown", "error:unknown"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe\xff",
        b"{}",
        b'{"object": "page", "entry": []}',
        b'{"object": "whatsapp_business_account"}',
        b'{"object": "whatsapp_business_account", "entry": {}}',
        b'{"object": "whatsapp_business_account", "entry": [NaN]}',
        b'{"object": "whatsapp_business_account", "entry": [-Infinity]}',
        b'{"object": "whatsapp_business_account", "entry": ' + b"9" * 5_000 + b"}",
        b'{"object": "whatsapp_business_account", "entry": [], "entry": []}',
        b'{"object": "whatsapp_business_account", "entry": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"a":' * 100_000,
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_what_is_no_webhook_is_invalid_input_and_is_not_quoted(body: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(body)
    assert "999" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_webhook_about_nothing_is_empty() -> None:
    assert parse(b'{"object": "whatsapp_business_account", "entry": []}') == Webhook()


def test_three_megabytes_are_read() -> None:
    body = messages(*(message("text", {"body": "x" * 3_000}, id=f"wamid.{number}") for number in range(1_000)))
    assert len(body) > 3_000_000
    assert len(parse(body).messages) == 1_000


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_WHOLE = document(
    value(
        messages=[
            message("image", media(caption="c", file_size=9)),
            message("location", {"latitude": 1, "longitude": 2}),
            message("interactive", {"type": "list_reply", "list_reply": {"id": "a", "title": "b"}}),
        ],
        statuses=[{**_status(1), "status": "failed", "errors": [{"code": 1, "error_data": {"details": "d"}}]}],
        errors=[{"code": 1}],
    )
)


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path] * bool(path) + [found for key, each in inner for found in _paths(each, (*path, key))]


@given(path=st.sampled_from(_paths(_WHOLE)), put=_JSON)
@settings(max_examples=400, deadline=None)
def test_whatever_stands_in_any_place_is_read_skipped_or_invalid_input(path: tuple[Any, ...], put: Any) -> None:
    whole = json.loads(json.dumps(_WHOLE))
    place = whole
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = put
    try:
        webhook = parse(json.dumps(whole).encode())
    except InvalidInput:
        return
    # What was read is fit for the queue, and a part is read or named, never lost without a word.
    json.dumps([found.to_json() for found in webhook.messages]).encode()
    if path[-1] not in ("entry", "changes", "messages") and path[0] == "entry" and len(path) > 6:
        assert len(webhook.messages) + sum(name.startswith("message:") for name in webhook.skipped) in (0, 3)
