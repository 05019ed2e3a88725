"""Word of what became of our messages."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.whatsapp.webhook import parse
from chatflow.messages import Delivery
from tests.unit.chatflow.channels.whatsapp.examples import ACCOUNT, AT, CONTACT, USER_ID, Json, message, posted, value

UNDELIVERABLE = {
    "code": 131026,
    "title": "Message undeliverable",
    "message": "Message undeliverable",
    "error_data": {"details": "The recipient has an old version."},
}


def _status(status: Any, /, **more: Any) -> Json:
    whole = {"id": "wamid.ours", "status": status, "timestamp": str(AT), "recipient_id": CONTACT, **more}
    return {key: value for key, value in whole.items() if value is not None}


def _statuses(*each: Any, **parts: Any) -> bytes:
    return posted(value(statuses=list(each), **parts))


@pytest.mark.parametrize(
    ("said", "meant"),
    [("sent", "sent"), ("delivered", "delivered"), ("read", "read"), ("played", "read"), ("failed", "failed")],
)
def test_a_status_is_read_as(said: str, meant: Any) -> None:
    webhook = parse(_statuses(_status(said, conversation={"id": "c"}, pricing={"billable": True})))
    reason: Any = "unknown" if said == "failed" else ""
    assert webhook.deliveries == [Delivery("wamid.ours", "whatsapp", ACCOUNT, CONTACT, meant, AT, reason=reason)]
    assert webhook.skipped == []


@pytest.mark.parametrize(("repeated", "tag"), [("s_1/2/3/ask", "s_1/2/3/ask"), (None, ""), (7, ""), ({}, "")])
def test_a_status_repeats_the_tag_of_its_message(repeated: Any, tag: str) -> None:
    [delivery] = parse(_statuses(_status("sent", biz_opaque_callback_data=repeated))).deliveries
    assert delivery.tag == tag


@pytest.mark.parametrize(
    ("errors", "code", "explanation"),
    [
        ([UNDELIVERABLE], 131026, "The recipient has an old version."),
        ([{**UNDELIVERABLE, "error_data": {}}], 131026, "Message undeliverable"),
        ([{"code": "131026", "title": "Undeliverable"}], 131026, "Undeliverable"),
        ([{**UNDELIVERABLE, "error_data": "odd"}], 0, ""),
        ([], 0, ""),
        (None, 0, ""),
        ("odd", 0, ""),
        ([{"code": "many"}], 0, ""),
    ],
)
def test_a_failure_stays_a_failure_however_it_is_explained(errors: Any, code: int, explanation: str) -> None:
    [delivery] = parse(_statuses(_status("failed", errors=errors))).deliveries
    assert (delivery.status, delivery.code, delivery.explanation) == ("failed", code, explanation)


def test_an_explanation_names_no_number_of_a_customer() -> None:
    details = f"Recipient +1 (650) 555-1234 or {CONTACT} is not in the allowed list"
    [delivery] = parse(
        _statuses(_status("failed", errors=[{"code": 131030, "error_data": {"details": details}}]))
    ).deliveries
    assert delivery.explanation == "Recipient … or … is not in the allowed list"


@pytest.mark.parametrize(
    ("recipient", "contacts"),
    [
        ({"recipient_id": USER_ID}, []),
        ({"recipient_id": None, "recipient_user_id": USER_ID}, []),
        ({"recipient_id": None}, [{"user_id": USER_ID}]),
    ],
)
def test_a_recipient_without_a_number_is_known_by_their_user_id(recipient: Json, contacts: list[Json]) -> None:
    [delivery] = parse(_statuses(_status("read", **recipient), contacts=contacts)).deliveries
    assert delivery.contact == USER_ID


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ("odd", "status:unknown"),
        (_status("deleted"), "status:deleted"),
        (_status("warning"), "status:warning"),
        (_status(None), "status:unknown"),
        (_status(7), "status:unknown"),
        (_status("sent", id=None), "status:sent"),
        (_status("sent", timestamp="now"), "status:sent"),
        (_status("sent", recipient_type="group"), "status:sent"),
    ],
)
def test_a_status_that_cannot_be_read_is_named_and_its_siblings_are_kept(bad: Any, named: str) -> None:
    webhook = parse(_statuses(_status("sent"), bad, _status("read")))
    assert [delivery.status for delivery in webhook.deliveries] == ["sent", "read"]
    assert webhook.skipped == [named]


def test_messages_and_statuses_may_come_in_one_value() -> None:
    webhook = parse(_statuses(_status("sent"), messages=[message("text", {"body": "Hello"})]))
    assert len(webhook.messages) == len(webhook.deliveries) == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (131026, "unreachable"),
        (131047, "window_closed"),
        (131053, "file"),
        (131056, "limit"),
        (131049, "limit"),
        (368, "account"),
        (131016, "unavailable"),
        (0, "account"),  # Meta considers the token expired
        (100, "content"),
        (999999, "unknown"),
    ],
)
def test_a_code_of_meta_becomes_one_of_a_few_reasons(code: int, reason: str) -> None:
    [delivery] = parse(_statuses(_status("failed", errors=[{"code": code}]))).deliveries
    assert delivery.reason == reason


@pytest.mark.parametrize("errors", [None, [], "odd", [{}]])
def test_a_failure_without_a_code_has_the_reason_unknown(errors: Any) -> None:
    [delivery] = parse(_statuses(_status("failed", errors=errors))).deliveries
    assert delivery.reason == "unknown"


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_what_arrived_has_no_reason(status: str) -> None:
    [delivery] = parse(_statuses(_status(status, errors=[UNDELIVERABLE]))).deliveries
    assert delivery.reason == ""


def test_an_id_that_no_table_could_hold_is_skipped() -> None:
    webhook = parse(_statuses(_status("sent", id="w" * 513), _status("read")))
    assert [each.status for each in webhook.deliveries] == ["read"]
    assert webhook.skipped == ["status:sent"]
