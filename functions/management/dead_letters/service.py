"""Dead letters through the API: list, redrive and delete them.

An event may be redriven only if it would still apply: if its session stands where it stood when the event failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatflow.adapters.dead_letters import QueuedDeadLetter
from chatflow.adapters.dynamodb.transcript_lines import shown_id
from chatflow.adapters.dynamodb.transcripts import FailedEvent, StoredSession
from chatflow.conversation.deadlines import present_timeout
from chatflow.conversation.event_guards import is_stale
from chatflow.conversation.events import ERASE, MESSAGE, OPERATOR, START, STATUS, TIMEOUT, Event, redriven
from chatflow.conversation.position import position
from management.audit.service import add_audit_facts
from management.conversations.models import Accepted
from management.dead_letters.models import DeadLetter, DeadLetters, LetterState
from management.http.pagination import decode_cursor, encode_cursor
from management.http.problems import Problem
from management.http.times import rfc3339

if TYPE_CHECKING:
    from management.dependencies import Dependencies


@dataclass(frozen=True)
class _Context:
    """What the tables say of a dead letter: of its event, and of the newest session of its conversation."""

    known: FailedEvent
    newest: StoredSession | None


_NOT_RECORDED = (
    "not recorded: SQS moved the event after its last receive; the function was throttled, or ended before it could "
    "say why"
)
_EMPTY_CONTEXT = _Context(FailedEvent(failure=None, processed=False), None)


def list_letters(dependencies: Dependencies, limit: int, cursor: str | None) -> DeadLetters:
    """A page of dead letters, the newest first. Raises Problem (invalid-request)."""
    seen = dependencies.dead_letters.visible()
    letters = sorted(seen.letters, key=_position, reverse=True)
    before = decode_cursor(cursor, "at", "id")
    if before:
        letters = [letter for letter in letters if _position(letter) < (before["at"], before["id"])]
    page = letters[:limit]
    contexts = _read_contexts(dependencies, page)
    return DeadLetters(
        items=[_to_dead_letter(letter, context) for letter, context in zip(page, contexts, strict=True)],
        next=_to_cursor(page[-1]) if len(letters) > limit else None,
        hidden=seen.hidden,
    )


def redrive(dependencies: Dependencies, letter_id: str) -> Accepted:
    """Send the letter's event once more, guarded by the position of its failure.

    Raises Problem (not-found, stale-letter, session-unreadable).
    """
    with _held(dependencies, letter_id) as letter:
        (context,) = _read_contexts(dependencies, [letter])
        if letter.event is None:
            raise Problem("stale-letter", f"{letter.error}: it can only be thrown away")
        if context.newest and context.newest.unreadable and not _ends_unreadable(letter.event):
            raise Problem("session-unreadable", f"{context.newest.unreadable}: the event would fail again")
        event = event_to_redrive(letter, context.known, context.newest)
        if event is None:
            raise Problem("stale-letter", _stale_reason(letter, context))
        add_audit_facts(conversation=event["conversation"], kind=event["kind"])
        dependencies.dead_letters.redrive(letter, event)
    return Accepted(conversation=event["conversation"], event=shown_id(event["id"]))


def delete(dependencies: Dependencies, letter_id: str) -> None:
    """Delete the letter with its event. Raises Problem (not-found)."""
    with _held(dependencies, letter_id) as letter:
        if letter.event:
            add_audit_facts(conversation=letter.event["conversation"], kind=letter.event["kind"])
        dependencies.dead_letters.discard(letter)


def event_to_redrive(letter: QueuedDeadLetter, known: FailedEvent, newest: StoredSession | None) -> Event | None:
    """The event with the position to which it applies. None if it is stale, or if the letter has no event."""
    event = letter.event
    if event is None or event["kind"] == STATUS:  # a delivery status moves no session
        return event
    session = newest.session if newest else None
    # A timer names the turn that set it. Later ones may rely on it, and it is older than their session, which was saved
    # after it: without it, nothing would end their wait.
    if event["kind"] == TIMEOUT:
        awaited = session is not None and present_timeout(event, session.awaited) is not None
        return event if awaited or not is_stale(event, session) else None
    if known.failure:
        event = redriven(event, {name: known.failure[name] for name in ("session", "node", "wait")})
    elif newest and newest.updated_at >= letter.moved_at:
        return None  # where its session stood was not recorded, and the session moved since, or in the same second
    else:
        event = redriven(event, position(session))
    return None if is_stale(event, session) else event


def _ends_unreadable(event: Event) -> bool:
    """Whether the event works on a session that cannot be read."""
    return bool(event["kind"] == ERASE or (event["kind"] == OPERATOR and event["action"] == "stop"))


@contextmanager
def _held(dependencies: Dependencies, letter_id: str) -> Iterator[QueuedDeadLetter]:
    """The letter, invisible to other readers until the end of the context. Raises Problem (not-found)."""
    with dependencies.dead_letters.locked(letter_id) as letter:
        if letter is None:
            raise Problem(
                "not-found", "no such letter, or someone else looks at it at this moment: ask again in half a minute"
            )
        yield letter


def _read_contexts(dependencies: Dependencies, letters: Sequence[QueuedDeadLetter]) -> list[_Context]:
    """The context of each letter, read together."""
    events = [letter.event for letter in letters if letter.event]
    transcripts = dependencies.transcripts
    known = transcripts.failed_events([(event["conversation"], event["id"]) for event in events])
    newest = transcripts.newest_of([event["conversation"] for event in events])

    def context(event: Event | None) -> _Context:
        if not event:
            return _EMPTY_CONTEXT
        return _Context(
            known.get((event["conversation"], event["id"]), _EMPTY_CONTEXT.known), newest.get(event["conversation"])
        )

    return [context(letter.event) for letter in letters]


def _to_dead_letter(letter: QueuedDeadLetter, context: _Context) -> DeadLetter:
    failure = context.known.failure or {}
    event = letter.event
    return DeadLetter(
        id=letter.id,
        queue=letter.queue,
        conversation=letter.conversation or None,
        event=shown_id(event["id"]) if event else None,
        kind=event["kind"] if event else None,
        at=rfc3339(failure.get("at", letter.moved_at)),
        reason=failure.get("reason") or letter.error or _NOT_RECORDED,
        stale=_stale_reason(letter, context) if _state(letter, context) == "stale" else None,
        session=failure.get("session"),
        turn=failure.get("turn"),
        node=failure.get("node"),
        state=_state(letter, context),
    )


def _state(letter: QueuedDeadLetter, context: _Context) -> LetterState:
    if letter.event is None:
        return "unreadable"
    if context.known.processed:
        return "taken"
    return "dead" if event_to_redrive(letter, context.known, context.newest) else "stale"


def _stale_reason(letter: QueuedDeadLetter, context: _Context) -> str:
    """Why the event would not apply any more."""
    failure, newest = context.known.failure, context.newest
    if letter.event is not None and letter.event["kind"] not in (MESSAGE, START):
        return "the turn that it belongs to is over"
    if failure is None:
        return "where its session stood was not recorded, and the session has moved since"
    if newest is None or newest.session.session != failure["session"]:
        return "another session has begun since, or its session is gone"
    return (
        f"its session has left the node {failure['node']}, or waits there anew" if failure["node"] else "it has moved"
    )


def _position(letter: QueuedDeadLetter) -> tuple[str, str]:
    return f"{letter.moved_at:010d}", letter.id


def _to_cursor(letter: QueuedDeadLetter) -> str:
    at, id = _position(letter)
    return encode_cursor(at=at, id=id)
