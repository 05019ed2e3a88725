"""Follows a person from one key to another, before an event gets its turn.

A session moves through the queues of both conversations, so that no turn of either is under way at the same moment:
`move`, in the queue of the old key, leaves the session there as an alias with the session in it, and queues `adopt` in
the queue of the new key. Whatever comes first there, this event or another that names the old key, adopts it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from chatflow.adapters.dynamodb.sessions import LoadedConversation
from chatflow.conversation.event_guards import predates_erasure
from chatflow.conversation.events import ADOPT, ECHO, MESSAGE, MOVE, START, Event, adopt_event, forwarded, move_event
from chatflow.conversation.identity import Alias, Known, Place, adopted, expiring, refusal, unmoved
from chatflow.conversation.retention import MIN_RETENTION_DAYS
from chatflow.conversation.session import Session
from chatflow.errors import NotMovedYet
from conversation import turn_record

if TYPE_CHECKING:
    from conversation.run_turn import Dependencies

Ending = Literal["repeated", "forgotten", "stale", "refused", "forwarded", "moved"]


def follow(event: Event, loaded: LoadedConversation, dependencies: Dependencies, now: int) -> Ending | None:
    """The ending of an event that moves a session, or that belongs to another conversation; None for any other.

    Raises NotMovedYet when the session of an alias that the event names must move here first.
    """
    known = loaded.known
    if event["kind"] == ADOPT and event["former"] not in known.arriving:
        return "stale"
    if known.moved_to and event["kind"] != ADOPT:
        return _follow_alias(event, loaded, dependencies)
    if event["kind"] == MOVE:
        return _move(event, loaded, dependencies, now)
    if not loaded.repeated and (keys := unmoved(event, known)):
        for key in keys:
            dependencies.queue(move_event(key, known.conversation))
        raise NotMovedYet("the session of the person's earlier address moves here first; its event is tried again")
    return None


def with_arrivals(event: Event, loaded: LoadedConversation) -> LoadedConversation:
    """What the turn begins with, after the sessions that moved here were adopted."""
    session = adopted(loaded.known, loaded.session)
    if session and event["kind"] == ADOPT and event["contact"]:
        session = replace(session, contact=event["contact"])
    return replace(loaded, session=session)


def renew_aliases(event: Event, session: Session, dependencies: Dependencies, now: int) -> Session:
    """Renew the aliases that would expire before what is stored under them. One that was taken over is dropped."""
    aliases = dict(session.aliases)
    for key in expiring(session, event, now):
        place = dependencies.sessions.load(key, event["id"]).known.place
        expires = now + 2 * session.expires_after(now)
        ours = place is not None and place.moved_to == session.conversation
        if place and ours and dependencies.sessions.save_alias(Alias(key, replace(place, expires_at=expires), place)):
            aliases[key] = expires
        else:
            del aliases[key]
    return replace(session, aliases=aliases) if aliases != session.aliases else session


def _follow_alias(event: Event, loaded: LoadedConversation, dependencies: Dependencies) -> Ending:
    known = loaded.known
    if loaded.repeated:
        return "repeated"
    if event["kind"] in (MESSAGE, ECHO, START) and loaded.erased_at and predates_erasure(event, loaded.erased_at, None):
        return "forgotten"
    if event["kind"] == MOVE and event["to"] == known.moved_to:
        if known.place and known.place.session:  # the worker died before it queued the adoption
            dependencies.queue(adopt_event(event, known.place.turn))
        return "moved"
    if event["kind"] == MOVE and not event.get("change"):
        return "stale"
    dependencies.queue(forwarded(event, known.moved_to))
    return "forwarded"


def _move(event: Event, loaded: LoadedConversation, dependencies: Dependencies, now: int) -> Ending:
    known, session = loaded.known, loaded.session
    if loaded.repeated:
        return "repeated"
    if known.place is None or session is None or event["to"] == known.conversation:
        return "stale"
    if event.get("change") and (reason := refusal(event, known)):
        _note(event, known, dependencies, now, refused=reason)
        return "refused"
    moved = Place(
        turn=known.place.turn + 1,  # a turn that is under way all the same cannot be saved any more
        session=session,
        moved_to=event["to"],
        claimed_at=int(event.get("at") or now),
        expires_at=now + 2 * session.expires_after(now),
    )
    if not dependencies.sessions.save_alias(Alias(known.conversation, moved, known.place)):
        raise NotMovedYet("the session was saved while it moved; its event is tried again")
    dependencies.queue(adopt_event(event, moved.turn))
    return "moved"


def _note(event: Event, known: Known, dependencies: Dependencies, now: int, **more: Any) -> None:
    session = known.place.live if known.place else None
    seconds = session.expires_after(now) if session else MIN_RETENTION_DAYS * 86_400
    note = turn_record.note(event, session, now, **more)
    dependencies.sessions.save_note(known.conversation, event["id"], note, now + seconds)
