"""Processes one request to a webhook: verify the signature, parse, queue the events, answer. Nothing else.

The path names the account whose secret verifies the request; the content names the account of each message, for one
request may carry those of several. A message is queued only if its own account's secret verifies the request, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from chatflow.channels.manifest import Posts
from chatflow.conversation.events import Event, change_event, conversation_key, echo_event, message_event
from chatflow.conversation.statuses import Status, coalesce
from chatflow.errors import BadSignature, InvalidInput, NotConnected, NotPublished, Unavailable
from chatflow.messages import Delivery, IncomingMessage, Webhook

# When a signature does not match, the secret may have been rotated: it is read again, but not more often than this. A
# sender of bad signatures must not be able to cause a call to Secrets Manager with each request.
_RECHECK_SECONDS = 30.0

_MOST_SKIPPED = 20  # kinds of skipped updates in one line of the log


class WebhookAdapter(Protocol):
    """A channel's `webhook` module. With the capability `handshake` it has also `handshake(query, secret)`."""

    def verify(self, headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> None: ...
    def parse(self, body: bytes, account: str, /) -> Webhook: ...


_Handshake = Callable[[Mapping[str, str], Mapping[str, Any]], str | None]


class Accounts(Protocol):
    """`chatflow.adapters.channel_accounts`: who answers for an account. `max_age` is in seconds."""

    def of_path(self, channel: str, account: str | None, *, max_age: float = ...) -> Mapping[str, Any]: ...
    def credentials(self, channel: str, account: str, *, max_age: float = ...) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Received:
    """The answer to one request. `problem` is for the log: a word, never a part of the request.

    `body` is JSON where the channel's own code wrote it as such.
    """

    status: int
    body: str = ""
    json: bool = False
    problem: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


_UNKNOWN_ACCOUNT = Received(404, problem="unknown_account", counts={"unknown_account": 1})


@dataclass(frozen=True)
class Dependencies:
    """`webhook_adapter` returns None for an unknown channel. `posts` is the most that one POST of a channel holds."""

    webhook_adapter: Callable[[str], WebhookAdapter | None]
    posts: Callable[[str], Posts]
    accounts: Accounts
    conversation_secret: Callable[[], str]
    queue: Callable[[Sequence[Event]], None]
    queue_statuses: Callable[[Sequence[Status]], None]
    clock: Callable[[], float] = time.time  # seconds since the epoch


def answer_handshake(
    dependencies: Dependencies, channel: str, query: Mapping[str, str], account: str | None = None
) -> Received:
    """Answer a channel that checks the webhook's address with its challenge, if it knows the verify token.

    404 for a channel that makes no such check, and for an account that is not connected.
    """
    adapter = dependencies.webhook_adapter(channel)
    if adapter is None:
        return Received(404, problem="unknown_channel")
    handshake: _Handshake | None = getattr(adapter, "handshake", None)
    if handshake is None:
        return Received(404, problem="no_handshake")
    secret = partial(dependencies.accounts.of_path, channel, account)
    try:
        challenge = handshake(query, secret())
        if challenge is None:  # a channel that was connected a moment ago must not wait until the cached secret expires
            challenge = handshake(query, secret(max_age=_RECHECK_SECONDS))
    except NotConnected:
        return _UNKNOWN_ACCOUNT
    return (
        Received(200, challenge, counts={"handshakes": 1})
        if challenge is not None
        else Received(403, problem="handshake_refused")
    )


def receive(
    dependencies: Dependencies, channel: str, headers: Mapping[str, str], body: bytes, account: str | None = None
) -> Received:
    """Queue what a channel delivered to the webhook of this account; None is the webhook of the channel alone.

    404 for an account that is not connected, 401 for a bad signature: nothing is queued. 413 for more than the channel
    sends: an unsigned request costs no more than its length, and a signed one is not lost, since the channel sends it
    again and the metric shows it. 200 for a signed body that cannot be parsed: the channel would only send it again,
    and for one with messages of accounts whose secret does not verify it: these are counted. Raises Unavailable when a
    queue did not accept everything, and what reading the secret of an account raised, so that the channel does send it
    again; what other accounts got is queued, and known when it comes again. Statuses never keep messages from being
    acknowledged: of a body with both, statuses that were not accepted are lost, and counted.
    """
    adapter = dependencies.webhook_adapter(channel)
    if adapter is None:
        return Received(404, problem="unknown_channel")
    posts = dependencies.posts(channel)
    if len(body) > posts.bytes:
        return Received(413, problem="too_large")
    verify = partial(_verify, adapter, headers, body)
    try:
        secret = verify(partial(dependencies.accounts.of_path, channel, account))
    except NotConnected:
        return _UNKNOWN_ACCOUNT
    except BadSignature:
        return Received(401, problem="bad_signature")
    try:
        webhook = adapter.parse(body, account or "")
    except InvalidInput as error:
        return Received(200, problem=f"not_understood: {error}", counts={"skipped": 1})
    if len(webhook.messages) + len(webhook.echoes) + len(webhook.deliveries) > posts.updates:
        return Received(413, problem="too_many_updates")
    webhook, mismatches, unread = _of_its_accounts(
        webhook, lambda each: verify(partial(dependencies.accounts.credentials, channel, each), verified=secret)
    )

    key = dependencies.conversation_secret()
    # Echoes come first: the bot must not answer what a person has already answered.
    events = [
        _event(key, each if each.at else replace(each, at=int(dependencies.clock())), to_event)
        for to_event, found in ((echo_event, webhook.echoes), (message_event, webhook.messages))
        for each in found
    ]
    statuses = coalesce(
        Status(conversation_key(key, each.channel, each.account, each.identity or each.contact), each)
        for each in webhook.deliveries
    )
    dependencies.queue(events)  # what customers wrote comes first
    counts = {
        "messages": len(webhook.messages),
        "echoes": len(webhook.echoes),
        "deliveries": len(webhook.deliveries),
        "skipped": len(webhook.skipped),
    }
    problem = f"skipped: {', '.join(sorted(set(webhook.skipped))[:_MOST_SKIPPED])}" if webhook.skipped else ""
    if mismatches:
        counts, problem = {**counts, "account_mismatch": mismatches}, f"account_mismatch {problem}".strip()
    if statuses:
        try:
            dependencies.queue_statuses(statuses)
        except Unavailable as error:
            if not events or unread:  # nothing but statuses, or it is not acknowledged: the channel sends them again
                raise
            counts, problem = {**counts, "lost_statuses": len(statuses)}, f"statuses lost: {error}"
    if unread is not None:
        raise unread
    return Received(200, webhook.answer, json=bool(webhook.answer), problem=problem, counts=counts)


def _event(secret: str, message: IncomingMessage, to_event: Callable[..., Event]) -> Event:
    """The event of a message. The address that lasts gives the conversation's key, the others its aliases."""
    key = partial(conversation_key, secret, message.channel, message.account)
    if message.change:
        return change_event(message, message.change, key)
    conversation = key(message.identity or message.contact)
    others = dict.fromkeys(key(each) for each in (message.contact, *message.other_addresses))
    return to_event(message, conversation, [each for each in others if each != conversation])


def _verify(
    adapter: WebhookAdapter,
    headers: Mapping[str, str],
    body: bytes,
    read: Callable[..., Mapping[str, Any]],
    *,
    verified: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """Verify the request with the cached secret, then with a fresh one; returns the one that verifies it.

    The secret `verified` has verified it already. Raises BadSignature, NotConnected.
    """
    try:
        secret = read()
        if secret != verified:
            adapter.verify(headers, body, secret)
    except (BadSignature, NotConnected):
        secret = read(max_age=_RECHECK_SECONDS)
        adapter.verify(headers, body, secret)
    return secret


def _of_its_accounts(
    webhook: Webhook, verify: Callable[[str], object]
) -> tuple[Webhook, int, NotPublished | Unavailable | None]:
    """The content of accounts whose own secret verifies the request, and how many updates there are of others.

    Neither holds that of accounts whose secret cannot be read now: the error, of one of them, is the third.
    """
    updates: tuple[IncomingMessage | Delivery, ...] = (*webhook.messages, *webhook.echoes, *webhook.deliveries)
    refused, left_out, unread = set(), set(), None
    for account in {each.account for each in updates}:
        try:
            verify(account)
        except (BadSignature, NotConnected):
            refused.add(account)
        except (NotPublished, Unavailable) as error:
            left_out.add(account)
            unread = error
    left_out |= refused
    if not left_out:
        return webhook, 0, None
    accepted = replace(
        webhook,
        messages=[each for each in webhook.messages if each.account not in left_out],
        echoes=[each for each in webhook.echoes if each.account not in left_out],
        deliveries=[each for each in webhook.deliveries if each.account not in left_out],
    )
    return accepted, sum(each.account in refused for each in updates), unread
