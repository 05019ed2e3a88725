"""What a webhook does with one request: verify, parse, queue, answer. Nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from chatflow.conversation.events import Event, conversation_key, message_event, undelivered_event
from chatflow.errors import BadSignature, InvalidInput
from chatflow.messages import Delivery, Webhook

# A secret that was rotated is asked for again when a signature does not match, but not more often than this: whoever
# sends bad signatures must not be able to make us call Secrets Manager each time.
_SUSPECT_AFTER_SECONDS = 30.0

# Meta sends at most 3 MB and a thousand updates in one POST; the other channels send one update.
LARGEST_BODY = 4 * 1024 * 1024  # bytes
MOST_UPDATES = 2000
_MOST_WORDS = 20  # of what was skipped, in one line of the log


class Dialect(Protocol):
    """The part of a channel that understands its webhooks."""

    def handshake(self, query: Mapping[str, str], secret: Mapping[str, Any]) -> str | None: ...
    def verify(self, headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> None: ...
    def parse(self, body: bytes) -> Webhook: ...


@dataclass(frozen=True)
class Received:
    """What one request came to. `problem` is for the log: a word, never a part of the request."""

    status: int
    body: str = ""
    problem: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """What the webhook needs of the world."""

    channel: Callable[[str], Dialect | None]
    channel_secret: Callable[..., dict[str, Any]]
    conversation_secret: Callable[[], str]
    queue: Callable[[Sequence[Event]], None]
    record: Callable[[Delivery, str], None]


def answer_handshake(desk: Desk, channel: str, query: Mapping[str, str]) -> Received:
    """A channel that asks whether this is the right address gets its challenge back, if it knows the verify token."""
    dialect = desk.channel(channel)
    if dialect is None:
        return Received(404, problem="unknown_channel")
    challenge = dialect.handshake(query, desk.channel_secret(channel))
    if challenge is None:  # whoever has just connected the channel must not wait for an old secret to be forgotten
        challenge = dialect.handshake(query, desk.channel_secret(channel, at_most=_SUSPECT_AFTER_SECONDS))
    return (
        Received(200, challenge, counts={"handshakes": 1})
        if challenge is not None
        else Received(403, problem="handshake_refused")
    )


def receive(desk: Desk, channel: str, headers: Mapping[str, str], body: bytes) -> Received:
    """Queue what a channel delivered.

    401 for a bad signature: nothing is queued. 413 for more than any channel sends: unsigned, it costs no more than its
    length; signed, it is not lost, since the channel sends it again and the metric tells. 200 for a body that is signed
    but not understood: the channel would only send it again. Raises Unavailable when the queue did not take everything,
    so that the channel does send it again.
    """
    dialect = desk.channel(channel)
    if dialect is None:
        return Received(404, problem="unknown_channel")
    if len(body) > LARGEST_BODY:
        return Received(413, problem="too_large")
    try:
        _verify(desk, dialect, channel, headers, body)
    except BadSignature:
        return Received(401, problem="bad_signature")
    try:
        webhook = dialect.parse(body)
    except InvalidInput as error:
        return Received(200, problem=f"not_understood: {error}", counts={"skipped": 1})
    if len(webhook.messages) + len(webhook.deliveries) > MOST_UPDATES:
        return Received(413, problem="too_many_updates")

    secret = desk.conversation_secret()
    events = [
        message_event(each, conversation_key(secret, each.channel, each.account, each.contact))
        for each in webhook.messages
    ]
    deliveries = [
        (each, conversation_key(secret, each.channel, each.account, each.contact)) for each in webhook.deliveries
    ]
    events += [undelivered_event(each, key) for each, key in deliveries if each.status == "failed"]
    # The queue comes first: a status that was recorded is old news when the channel sends it again because the queue
    # refused, and an event that is queued twice is harmless.
    desk.queue(events)
    for delivery, key in deliveries:
        desk.record(delivery, key)
    counts = {
        "messages": len(webhook.messages),
        "deliveries": len(webhook.deliveries),
        "skipped": len(webhook.skipped),
    }
    problem = f"skipped: {', '.join(sorted(set(webhook.skipped))[:_MOST_WORDS])}" if webhook.skipped else ""
    return Received(200, problem=problem, counts=counts)


def _verify(desk: Desk, dialect: Dialect, channel: str, headers: Mapping[str, str], body: bytes) -> None:
    try:
        dialect.verify(headers, body, desk.channel_secret(channel))
    except BadSignature:
        dialect.verify(headers, body, desk.channel_secret(channel, at_most=_SUSPECT_AFTER_SECONDS))
