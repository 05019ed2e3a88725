"""What a person of the business writes by hand, in the WhatsApp Business app, as Meta reports it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.whatsapp.webhook import parse
from chatflow.messages import IncomingMessage, Webhook
from tests.unit.chatflow.channels.whatsapp.examples import ACCOUNT, AT, CONTACT, MEDIA, USER_ID, Json, media, value

BUSINESS = "15550783881"


def echo(kind: str = "text", content: Any = None, /, **more: Any) -> Json:
    """An echo to CONTACT; a field given as None is left out."""
    content = {"body": "Here is the info you requested!"} if kind == "text" and content is None else content
    given = {"from": BUSINESS, "to": CONTACT, "id": "wamid.1", "timestamp": str(AT), "type": kind, kind: content}
    return {key: value for key, value in {**given, **more}.items() if value is not None}


def posted(*echoes: Any, field: str = "smb_message_echoes", **parts: Any) -> bytes:
    """Meta sends no contacts with echoes."""
    whole = {**value(message_echoes=list(echoes)), **parts}
    whole.pop("contacts", None) if "contacts" not in parts else None
    change = {"field": field, "value": whole}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()


def only(body: bytes) -> IncomingMessage:
    webhook = parse(body)
    assert (webhook.skipped, webhook.messages) == ([], [])
    [found] = webhook.echoes
    return found


def test_the_example_of_meta_s_reference_is_an_echo_to_the_customer() -> None:
    assert only(posted(echo())) == IncomingMessage(
        id="wamid.1",
        channel="whatsapp",
        account=ACCOUNT,
        contact=CONTACT,
        kind="text",
        at=AT,
        text="Here is the info you requested!",
    )


@pytest.mark.parametrize("to", ["+16505551234", " 16505551234"])
def test_the_customer_is_the_same_however_the_number_is_written(to: str) -> None:
    assert only(posted(echo(to=to))).contact == CONTACT


def test_a_customer_who_hides_their_number_is_named_by_the_user_id() -> None:
    assert only(posted(echo(to=None, to_user_id=USER_ID))).contact == USER_ID


def test_a_file_of_the_person_is_named_with_its_caption() -> None:
    found = only(posted(echo("image", media(caption="The garage"))))
    assert (found.kind, found.media, found.text) == ("media", MEDIA, "The garage")


@pytest.mark.parametrize(
    ("content", "other"),
    [
        (echo("revoke", {"original_message_id": "wamid.0"}), "revoke"),
        (echo("edit", {"original_message_id": "wamid.0", "message": {"type": "text"}}), "edit"),
        (echo("reaction", {"message_id": "wamid.0", "emoji": "x"}), "reaction"),
        (echo("unsupported", None, errors=[{"code": 131051}]), "unsupported"),
        (echo("text", {"body": 7}), "text"),
        (echo("image", "odd"), "image"),
        (echo("contacts", [{"name": {}}]), "contacts"),
        (echo("text", {}, type=None), "unknown"),
    ],
)
def test_whatever_it_holds_an_echo_stays_an_echo(content: Json, other: str) -> None:
    found = only(posted(content))
    assert (found.kind, found.other, found.contact) == ("other", other, CONTACT)


def test_a_long_text_is_cut_as_a_customer_s_is() -> None:
    found = only(posted(echo("text", {"body": "x" * 10_000})))
    assert (found.kind, found.cut, len(found.text)) == ("text", True, 8192)


@pytest.mark.parametrize(
    "bad",
    [
        "odd",
        echo(id=None),
        echo(timestamp=None),
        echo(timestamp="soon"),
        echo(to=None),
        echo(group_id="120363"),
        echo(recipient_type="group"),
    ],
)
def test_an_echo_that_names_no_customer_or_no_message_is_counted_and_costs_the_others_nothing(bad: Any) -> None:
    webhook = parse(posted(bad, echo(id="wamid.2")))
    assert [found.id for found in webhook.echoes] == ["wamid.2"]
    assert webhook.skipped == [f"echo:{'text' if isinstance(bad, dict) else 'unknown'}"]


@pytest.mark.parametrize("field", ["messages", "message_echoes", "history"])
def test_only_meta_s_field_for_the_app_reports_echoes(field: str) -> None:
    """A message that was sent through the API comes back as a status, under another field, and pauses nothing."""
    assert parse(posted(echo(), field=field)).echoes == []


def test_a_status_of_our_own_message_is_no_echo_even_under_the_field_of_echoes() -> None:
    status = {"id": "wamid.ours", "status": "sent", "timestamp": "1", "recipient_id": CONTACT}
    assert parse(posted(statuses=[status])) == Webhook()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["from", "to", "id", "timestamp", "type", "text", "image", "errors"]), JSON))
def test_no_echo_of_any_shape_raises(shape: Json) -> None:
    webhook = parse(posted(shape))
    assert len(webhook.echoes) + len(webhook.skipped) == 1
