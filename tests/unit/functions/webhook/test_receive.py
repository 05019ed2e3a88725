"""What the webhook answers, and what it queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from chatflow.channels.manifest import Posts
from chatflow.conversation.events import Event
from chatflow.conversation.statuses import Status
from chatflow.errors import BadSignature, InvalidInput, Unavailable
from chatflow.messages import Delivery, IncomingMessage, Webhook
from tests.fakes.accounts import FakeAccounts
from webhook.receive import Dependencies, answer_handshake, receive

TOKEN = "t"
POSTS = Posts(bytes=1_000, updates=20)


class FakePlainAdapter:
    """A channel whose signature is the secret itself, and that never checks the webhook's address."""

    def __init__(self, webhook: Webhook | Exception) -> None:
        self._webhook = webhook

    def verify(self, headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> None:
        if headers.get("signature") != secret["token"]:
            raise BadSignature("no")

    def parse(self, body: bytes, account: str, /) -> Webhook:
        if isinstance(self._webhook, Exception):
            raise self._webhook
        return self._webhook


class FakeWebhookAdapter(FakePlainAdapter):
    def handshake(self, query: Mapping[str, str], secret: Mapping[str, Any]) -> str | None:
        return query["challenge"] if query.get("token") == secret["token"] else None


class FakeDependencies:
    """Dependencies whose queues and secrets can be made to fail."""

    def __init__(self, webhook: Webhook | Exception | None = None, *, token: str = TOKEN) -> None:
        webhook = Webhook() if webhook is None else webhook
        self.queued: list[Event] = []
        self.statuses: list[Status] = []
        self.calls: list[str] = []
        self.accounts = FakeAccounts({None: {"token": token}})
        self.queue_refuses = False
        self.status_queue_refuses = False
        self.dependencies = Dependencies(
            webhook_adapter={"fake": FakeWebhookAdapter(webhook), "plain": FakePlainAdapter(webhook)}.get,
            posts=lambda _name: POSTS,
            accounts=self.accounts,
            conversation_secret=lambda: "k",
            queue=self._queue,
            queue_statuses=self._queue_statuses,
        )

    def post(self, token: str = TOKEN) -> int:
        return receive(self.dependencies, "fake", {"signature": token}, b"{}").status

    def _queue(self, events: Sequence[Event]) -> None:
        self.calls.append("events")
        if self.queue_refuses:
            raise Unavailable("refused")
        self.queued += events

    def _queue_statuses(self, statuses: Sequence[Status]) -> None:
        self.calls.append("statuses")
        if self.status_queue_refuses:
            raise Unavailable("down")
        self.statuses += statuses


def message(id: str, contact: str = "1650") -> IncomingMessage:
    return IncomingMessage(id=id, channel="fake", account="1", contact=contact, kind="text", at=1, text="hi")


def delivery(status: Any) -> Delivery:
    return Delivery("wamid.out", "fake", "1", "1650", status, 1, 131053 if status == "failed" else 0)


def test_the_handshake_gives_the_challenge_back_to_who_knows_the_token() -> None:
    fakes = FakeDependencies()
    assert answer_handshake(fakes.dependencies, "fake", {"token": "t", "challenge": "42"}).body == "42"
    assert answer_handshake(fakes.dependencies, "fake", {"token": "x", "challenge": "42"}).status == 403
    assert answer_handshake(fakes.dependencies, "none", {}).status == 404


def test_a_channel_without_a_handshake_has_nothing_to_get() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1")]))
    assert answer_handshake(fakes.dependencies, "plain", {"token": "t", "challenge": "42"}).status == 404
    assert receive(fakes.dependencies, "plain", {"signature": TOKEN}, b"{}").status == 200


def test_a_verify_token_that_was_just_stored_is_known_at_once() -> None:
    fakes = FakeDependencies()
    fakes.accounts.stored[None] = {"token": "new"}
    assert answer_handshake(fakes.dependencies, "fake", {"token": "new", "challenge": "42"}).body == "42"


def test_a_bad_signature_is_401_and_nothing_is_queued() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1")]))
    assert fakes.post("wrong") == 401
    assert fakes.queued == []


def test_a_secret_that_was_rotated_is_asked_for_again_before_refusing() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1")]))
    fakes.accounts.stored[None] = {"token": "new"}
    assert fakes.post("new") == 200
    assert fakes.accounts.reads == [{}, {"max_age": 30.0}]


def test_every_message_is_queued_in_order_under_its_own_conversation() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1", "a"), message("2", "b"), message("3", "a")]))
    assert fakes.post() == 200
    assert [event["id"] for event in fakes.queued] == ["1", "2", "3"]
    first, second, third = (event["conversation"] for event in fakes.queued)
    assert first == third != second
    assert first.startswith("c_")


def test_what_a_person_of_the_business_wrote_is_queued_before_what_the_bot_might_answer() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1", "a")], echoes=[message("2", "a")]))
    received = receive(fakes.dependencies, "fake", {"signature": "t"}, b"{}")
    assert [(event["id"], event["kind"]) for event in fakes.queued] == [("2", "echo"), ("1", "message")]
    assert fakes.queued[0]["conversation"] == fakes.queued[1]["conversation"]
    assert (received.problem, received.counts["echoes"]) == ("", 1)


def test_echoes_count_towards_the_updates_of_one_request() -> None:
    fakes = FakeDependencies(Webhook(echoes=[message(str(number)) for number in range(POSTS.updates + 1)]))
    assert fakes.post() == 413


def test_a_body_that_is_not_what_it_says_is_200_and_counted() -> None:
    fakes = FakeDependencies(InvalidInput("not JSON"))
    received = receive(fakes.dependencies, "fake", {"signature": "t"}, b"?")
    assert (received.status, received.counts) == (200, {"skipped": 1})


def test_the_good_parts_of_a_half_understood_body_are_queued() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1")], skipped=["contacts"]))
    received = receive(fakes.dependencies, "fake", {"signature": "t"}, b"{}")
    assert received.status == 200
    assert received.problem == "skipped: contacts"
    assert len(fakes.queued) == 1


def test_a_queue_that_refuses_is_not_hidden_from_the_channel() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1")]))
    fakes.queue_refuses = True
    with pytest.raises(Unavailable):
        fakes.post()


def test_statuses_go_to_a_queue_of_their_own_after_what_customers_wrote() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1")], deliveries=[delivery("failed")]))
    assert fakes.post() == 200
    assert fakes.calls == ["events", "statuses"]
    assert [event["kind"] for event in fakes.queued] == ["message"]
    assert [status.delivery.status for status in fakes.statuses] == ["failed"]
    assert fakes.statuses[0].conversation == fakes.queued[0]["conversation"]


def test_of_one_message_only_the_highest_status_is_queued() -> None:
    fakes = FakeDependencies(Webhook(deliveries=[delivery("read"), delivery("sent"), delivery("delivered")]))
    fakes.post()
    assert [status.delivery.status for status in fakes.statuses] == ["read"]


def test_a_body_without_statuses_makes_no_call_for_them() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1")]))
    fakes.post()
    assert fakes.calls == ["events"]


def test_messages_are_acknowledged_although_their_statuses_are_lost_and_the_loss_is_counted() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1")], deliveries=[delivery("read")]))
    fakes.status_queue_refuses = True
    received = receive(fakes.dependencies, "fake", {"signature": TOKEN}, b"{}")
    assert (received.status, received.counts["lost_statuses"]) == (200, 1)
    assert received.problem.startswith("statuses lost")
    assert [event["id"] for event in fakes.queued] == ["1"]


def test_statuses_alone_that_are_refused_are_sent_again_by_the_channel() -> None:
    fakes = FakeDependencies(Webhook(deliveries=[delivery("failed")]))
    fakes.status_queue_refuses = True
    with pytest.raises(Unavailable):
        fakes.post()
    fakes.status_queue_refuses = False
    assert fakes.post() == 200
    assert len(fakes.statuses) == 1


def test_more_than_the_channel_sends_costs_nothing_and_is_not_lost() -> None:
    fakes = FakeDependencies()
    too_large = receive(fakes.dependencies, "fake", {"signature": TOKEN}, bytes(POSTS.bytes + 1))
    assert (too_large.status, too_large.problem) == (413, "too_large")
    assert fakes.accounts.reads == []
    assert receive(fakes.dependencies, "fake", {"signature": TOKEN}, bytes(POSTS.bytes)).status == 200


def test_more_updates_than_the_channel_sends_are_refused_as_a_whole() -> None:
    def of(count: int) -> FakeDependencies:
        message = IncomingMessage("m", "fake", "a", "c", "text", 1, text="hi")
        return FakeDependencies(Webhook(messages=[message] * count))

    assert of(POSTS.updates).post() == 200
    fakes = of(POSTS.updates + 1)
    assert fakes.post() == 413
    assert fakes.queued == []


def test_a_line_of_the_log_has_an_end_whatever_was_skipped() -> None:
    fakes = FakeDependencies(Webhook(skipped=[f"change:word_{number}" for number in range(5000)]))
    received = receive(fakes.dependencies, "fake", {"signature": TOKEN}, b"{}")
    assert received.counts["skipped"] == 5000
    assert len(received.problem) < 1000


def test_the_answer_that_a_channel_wants_is_given_only_once_its_messages_are_queued() -> None:
    fakes = FakeDependencies(Webhook(messages=[message("1")], answer='{"done": true}'))
    received = receive(fakes.dependencies, "fake", {"signature": TOKEN}, b"{}")
    assert (received.status, received.body, received.json) == (200, '{"done": true}', True)
    fakes.queue_refuses = True
    with pytest.raises(Unavailable):
        receive(fakes.dependencies, "fake", {"signature": TOKEN}, b"{}")


def test_a_message_whose_time_the_channel_did_not_give_has_the_time_of_its_arrival() -> None:
    fakes = FakeDependencies(Webhook(messages=[replace(message("1"), at=0), message("2")]))
    dependencies = replace(fakes.dependencies, clock=lambda: 1744344496.7)
    receive(dependencies, "fake", {"signature": TOKEN}, b"{}")
    assert [event["message"]["at"] for event in fakes.queued] == [1744344496, 1]
