"""What the webhook answers, and what it queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from chatflow.conversation.events import Event
from chatflow.errors import BadSignature, InvalidInput, Unavailable
from chatflow.messages import Delivery, IncomingMessage, Webhook
from webhook.receive import LARGEST_BODY, MOST_UPDATES, Desk, answer_handshake, receive

TOKEN = "t"


class FakeDialect:
    """A channel whose signature is the secret itself."""

    def __init__(self, webhook: Webhook | Exception) -> None:
        self._webhook = webhook

    def handshake(self, query: Mapping[str, str], secret: Mapping[str, Any]) -> str | None:
        return query["challenge"] if query.get("token") == secret["token"] else None

    def verify(self, headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> None:
        if headers.get("signature") != secret["token"]:
            raise BadSignature("no")

    def parse(self, body: bytes) -> Webhook:
        if isinstance(self._webhook, Exception):
            raise self._webhook
        return self._webhook


class Office:
    """A desk whose queue and secrets can be told how to behave."""

    def __init__(self, webhook: Webhook | Exception | None = None, *, token: str = TOKEN) -> None:
        webhook = Webhook() if webhook is None else webhook
        self.queued: list[Event] = []
        self.recorded: list[Delivery] = []
        self.kept = token
        self.stored = token
        self.queue_refuses = False
        self.table_is_down = False
        self.secret_calls: list[Mapping[str, Any]] = []
        self.desk = Desk(
            channel=lambda name: FakeDialect(webhook) if name == "fake" else None,
            channel_secret=self._secret,
            conversation_secret=lambda: "k",
            queue=self._queue,
            record=self._record,
        )

    def post(self, token: str = TOKEN) -> int:
        return receive(self.desk, "fake", {"signature": token}, b"{}").status

    def _secret(self, name: str, **kept: Any) -> dict[str, Any]:
        self.secret_calls.append(kept)
        return {"token": self.stored if kept else self.kept}

    def _queue(self, events: Sequence[Event]) -> None:
        if self.queue_refuses:
            raise Unavailable("refused")
        self.queued += events

    def _record(self, delivery: Delivery, key: str) -> None:
        """As the real one: what was recorded is no news the second time."""
        if self.table_is_down:
            raise Unavailable("down")
        if delivery not in self.recorded:
            self.recorded.append(delivery)


def message(id: str, contact: str = "1650") -> IncomingMessage:
    return IncomingMessage(id=id, channel="fake", account="1", contact=contact, kind="text", at=1, text="hi")


def delivery(status: Any) -> Delivery:
    return Delivery("wamid.out", "fake", "1", "1650", status, 1, 131053 if status == "failed" else 0)


def test_the_handshake_gives_the_challenge_back_to_who_knows_the_token() -> None:
    office = Office()
    assert answer_handshake(office.desk, "fake", {"token": "t", "challenge": "42"}).body == "42"
    assert answer_handshake(office.desk, "fake", {"token": "x", "challenge": "42"}).status == 403
    assert answer_handshake(office.desk, "none", {}).status == 404


def test_a_verify_token_that_was_just_stored_is_known_at_once() -> None:
    office = Office()
    office.stored = "new"
    assert answer_handshake(office.desk, "fake", {"token": "new", "challenge": "42"}).body == "42"


def test_a_bad_signature_is_401_and_nothing_is_queued() -> None:
    office = Office(Webhook(messages=[message("1")]))
    assert office.post("wrong") == 401
    assert office.queued == []


def test_a_secret_that_was_rotated_is_asked_for_again_before_refusing() -> None:
    office = Office(Webhook(messages=[message("1")]))
    office.stored = "new"
    assert office.post("new") == 200
    assert office.secret_calls == [{}, {"at_most": 30.0}]


def test_every_message_is_queued_in_order_under_its_own_conversation() -> None:
    office = Office(Webhook(messages=[message("1", "a"), message("2", "b"), message("3", "a")]))
    assert office.post() == 200
    assert [event["id"] for event in office.queued] == ["1", "2", "3"]
    first, second, third = (event["conversation"] for event in office.queued)
    assert first == third != second
    assert first.startswith("c_")


def test_a_body_that_is_not_what_it_says_is_200_and_counted() -> None:
    office = Office(InvalidInput("not JSON"))
    received = receive(office.desk, "fake", {"signature": "t"}, b"?")
    assert (received.status, received.counts) == (200, {"skipped": 1})


def test_the_good_parts_of_a_half_understood_body_are_queued() -> None:
    office = Office(Webhook(messages=[message("1")], skipped=["contacts"]))
    received = receive(office.desk, "fake", {"signature": "t"}, b"{}")
    assert received.status == 200
    assert received.problem == "skipped: contacts"
    assert len(office.queued) == 1


def test_a_queue_that_refuses_is_not_hidden_from_the_channel() -> None:
    office = Office(Webhook(messages=[message("1")]))
    office.queue_refuses = True
    with pytest.raises(Unavailable):
        office.post()


@pytest.mark.parametrize(("status", "queued"), [("sent", 0), ("delivered", 0), ("read", 0), ("failed", 1)])
def test_only_a_failed_delivery_wakes_the_conversation(status: str, queued: int) -> None:
    office = Office(Webhook(deliveries=[delivery(status)]))
    office.post()
    assert len(office.recorded) == 1
    assert len(office.queued) == queued


def test_a_failed_delivery_that_the_queue_refused_is_queued_when_the_channel_sends_it_again() -> None:
    office = Office(Webhook(messages=[message("1")], deliveries=[delivery("failed")]))
    office.queue_refuses = True
    with pytest.raises(Unavailable):
        office.post()
    office.queue_refuses = False
    office.post()
    assert [event["kind"] for event in office.queued] == ["message", "status"]


def test_statuses_that_cannot_be_recorded_do_not_hold_up_what_customers_wrote() -> None:
    office = Office(Webhook(messages=[message("1")], deliveries=[delivery("read")]))
    office.table_is_down = True
    with pytest.raises(Unavailable):
        office.post()
    assert [event["id"] for event in office.queued] == ["1"]


def test_more_than_any_channel_sends_costs_nothing_and_is_not_lost() -> None:
    office = Office()
    too_large = receive(office.desk, "fake", {"signature": TOKEN}, bytes(LARGEST_BODY + 1))
    assert (too_large.status, too_large.problem) == (413, "too_large")
    assert office.secret_calls == []
    assert receive(office.desk, "fake", {"signature": TOKEN}, bytes(LARGEST_BODY)).status == 200


def test_more_updates_than_any_channel_sends_are_refused_as_a_whole() -> None:
    def of(count: int) -> Office:
        message = IncomingMessage("m", "fake", "a", "c", "text", 1, text="hi")
        return Office(Webhook(messages=[message] * count))

    assert of(MOST_UPDATES).post() == 200
    office = of(MOST_UPDATES + 1)
    assert office.post() == 413
    assert office.queued == []


def test_a_line_of_the_log_has_an_end_whatever_was_skipped() -> None:
    office = Office(Webhook(skipped=[f"change:word_{number}" for number in range(5000)]))
    received = receive(office.desk, "fake", {"signature": TOKEN}, b"{}")
    assert received.counts["skipped"] == 5000
    assert len(received.problem) < 1000
