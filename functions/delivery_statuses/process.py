"""Processes a batch of queue messages with delivery statuses: failures become events, and every status is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from chatflow.conversation.events import Event, undelivered_event
from chatflow.conversation.statuses import Status, coalesce, unpack
from chatflow.errors import Unreadable

WORKERS: Final = 10  # updates at the same time: as many connections as a client of botocore keeps


@dataclass(frozen=True)
class Dependencies:
    """`queue` accepts all events or raises; `store` keeps a status unless a later one is stored."""

    queue: Callable[[Sequence[Event]], None]
    store: Callable[[Status], None]


@dataclass(frozen=True)
class Processed:
    """`failed`: the messages to deliver again, each with the name of an error. `undelivered`: counts by reason."""

    failed: Mapping[str, str]
    statuses: int
    undelivered: Mapping[str, int] = field(default_factory=dict)


def process(bodies: Mapping[str, str], dependencies: Dependencies) -> Processed:
    """Process queue messages, given as bodies by id. A message is processed completely, or must be delivered again.

    Statuses of one message are coalesced across the batch. Repeating any of this is harmless.
    """
    failed: dict[str, str] = {}
    sources: dict[tuple[str, str, str], set[str]] = defaultdict(set)  # the queue messages that a status came in
    unpacked: list[Status] = []
    for id, body in bodies.items():
        try:
            for status in unpack(body):
                sources[status.message].add(id)
                unpacked.append(status)
        except Unreadable as error:
            failed[id] = type(error).__name__
    statuses = coalesce(unpacked)
    undelivered = [status for status in statuses if status.delivery.status == "failed"]
    # Events come first: a repetition finds a status stored, and could not tell that its event is missing.
    refused = _queue(undelivered, dependencies) if undelivered else ""
    problems = {status.message: refused for status in undelivered} if refused else {}
    to_store = [status for status in statuses if status.message not in problems]

    def store(status: Status) -> str:
        try:
            dependencies.store(status)
        except Exception as error:  # one status must not hold up the others
            return type(error).__name__
        return ""

    with ThreadPoolExecutor(WORKERS) as workers:
        stored = zip(to_store, workers.map(store, to_store), strict=True)
        problems |= {status.message: problem for status, problem in stored if problem}
    for message, problem in problems.items():
        failed |= dict.fromkeys(sources[message], problem)
    reasons = Counter(status.delivery.reason or "unknown" for status in undelivered)
    return Processed(failed, len(statuses), reasons)


def _queue(undelivered: Sequence[Status], dependencies: Dependencies) -> str:
    """Queue an event for each; returns the name of the error that kept SQS from accepting all of them, or ""."""
    try:
        dependencies.queue([undelivered_event(status.delivery, status.conversation) for status in undelivered])
    except Exception as error:
        return type(error).__name__
    return ""
