"""One person is one conversation: addresses, aliases, and sessions that move from one key to another. Pure.

A person has several addresses on a channel: a number, a user id of the channel, a username. The lasting one gives the
conversation's key; the keys of the others are aliases of it. The place of a key holds a session, or it is an alias and
names the conversation to which its address belongs. A session that moves is left in the place of its old key, which
becomes an alias, until the conversation of the new key adopts it. docs/decisions has the reasons.

No rule hands a conversation over to an address that has, or had, another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from chatflow.conversation.events import ADOPT, ECHO, ERASE, MESSAGE, Event
from chatflow.conversation.listing import IndexKeys
from chatflow.conversation.session import Session

NOT_THE_SAME_PERSON: Final = "not_the_same_person"  # why a change of addresses was refused
_NAMING: Final = (MESSAGE, ECHO)  # the events in which the channel names a person's addresses together
_MOST_EARLIER = 10  # conversations that an alias remembers


@dataclass(frozen=True)
class Place:
    """What is stored under a key: a session; or an alias of the conversation `moved_to`.

    `session` of an alias is one that moved and was not adopted yet. `claimed_at`: when the channel last said that the
    address belongs to that conversation. `earlier`: conversations to which it belonged before. `named`: the keys that a
    session names which cannot be read. `listed`: where a session stands in the index. `updated_at`: when it was saved.
    Times are in seconds.
    """

    turn: int
    session: Session | None = None
    moved_to: str = ""
    claimed_at: int = 0
    earlier: tuple[str, ...] = ()
    expires_at: int = 0
    named: tuple[str, ...] = ()
    listed: IndexKeys = field(default=IndexKeys(), compare=False)
    updated_at: int = field(default=0, compare=False)

    @property
    def live(self) -> Session | None:
        """The session of a conversation that goes on under this key."""
        return None if self.moved_to else self.session


Places = Mapping[str, Place]


@dataclass(frozen=True)
class Alias:
    """A place to be written as an alias, provided that it still is what `before` says. None: that it is free."""

    key: str
    place: Place
    before: Place | None


@dataclass(frozen=True)
class Links:
    """What is saved together with a session. `before`: what the place of the session's key held."""

    before: Place | None = None
    aliases: tuple[Alias, ...] = ()


@dataclass(frozen=True)
class Known:
    """The places that an event's turn begins with: that of its conversation, and those of the aliases it names."""

    conversation: str
    place: Place | None = None
    others: Places = field(default_factory=dict)

    @property
    def moved_to(self) -> str:
        return self.place.moved_to if self.place else ""

    @property
    def keys(self) -> frozenset[str]:
        """All keys under which this conversation was known."""
        session = self.place.live if self.place else None
        return frozenset((self.conversation, *(session.formerly if session else ())))

    @property
    def arriving(self) -> dict[str, Session]:
        """Sessions that moved to this conversation and are to be adopted, by their old keys."""
        return {
            key: place.session
            for key, place in self.others.items()
            if place.session and place.moved_to == self.conversation
        }


def unmoved(event: Event, known: Known) -> list[str]:
    """The keys whose sessions must move to the conversation of this message first.

    The channel says in one message that these addresses are one person's.
    """
    if event["kind"] not in _NAMING:
        return []
    return [key for key, place in known.others.items() if place.live]


def adopted(known: Known, session: Session | None) -> Session | None:
    """The session to go on with, after those that arrived were adopted."""
    for key, arriving in known.arriving.items():
        session = merged(session, arriving, known.conversation, key)
    return session


def merged(current: Session | None, arriving: Session, conversation: str, key: str) -> Session:
    """The session of `conversation` after `arriving` moved to it from `key`.

    A running session goes on. Of two, it is the one in which a person answers by hand, else the one that is there; what
    the other had accepted and not applied is applied to it. The turn number grows beyond both, so that events about
    either's last turn are stale: the turn of the adoption queues or schedules its own.
    """
    formerly = tuple(dict.fromkeys((*arriving.formerly, key, *(current.formerly if current else ()))))
    if current is None:
        return replace(arriving, conversation=conversation, formerly=formerly, timer=None)
    comes_first = (arriving.running and not current.running) or (arriving.paused and not current.paused)
    stays, goes = (arriving, current) if comes_first else (current, arriving)
    left = (*goes.pending, *goes.held, *(goes.early if stays.running else ()))
    kept: tuple[Event, ...] = ()
    if goes.paused:
        left, kept = (*goes.paused.pending, *left), goes.paused.kept
    paused = stays.paused and replace(
        stays.paused, pending=(*left, *stays.paused.pending), kept=(*kept, *stays.paused.kept)
    )
    turn = max(current.turn, arriving.turn)
    return replace(
        stays,
        conversation=conversation,
        turn=turn,
        first_turn=stays.first_turn + turn - stays.turn if stays.first_turn else 0,  # so that its turns stay as many
        past_listed=current.past_listed and arriving.past_listed,
        contact=current.contact,
        name=current.name or arriving.name,
        last_message_at=max(current.last_message_at, arriving.last_message_at),
        since=min(current.since, arriving.since),
        pending=stays.pending if paused else (*left, *stays.pending),
        paused=paused,
        early=stays.early if stays.running else (*goes.early, *stays.early),
        resumed_at=max(current.resumed_at, arriving.resumed_at),
        owed=(*arriving.owed, *current.owed),
        owed_wake=0,
        timer=None,
        formerly=formerly,
        aliases={**arriving.aliases, **current.aliases},
    )


def linked(event: Event, known: Known, session: Session, now: int) -> tuple[Session, Links]:
    """The session with all its aliases, and what is saved together with it.

    An address belongs to the conversation of the newest message that names it. A change of addresses (`adopt`) claims
    only addresses that nobody has: their next message claims the rest.
    """
    at = min(int(event["message"]["at"]), now) if event["kind"] in _NAMING else now
    until = now + 2 * session.expires_after(now)
    ours = known.keys | {known.conversation, *session.formerly}
    aliases: list[Alias] = []
    held = dict(session.aliases)
    for key, place in _claimable(event, known, at, ours):
        if place is None:
            fresh = Place(0, moved_to=known.conversation, claimed_at=at)
        else:
            earlier = place.earlier if place.moved_to in ours else (*place.earlier, place.moved_to)
            fresh = replace(
                place,
                session=None,
                moved_to=known.conversation,
                claimed_at=max(at, place.claimed_at),
                earlier=earlier[-_MOST_EARLIER:],
            )
        expires = max(until, fresh.expires_at, held.get(key, 0))
        unchanged = place and replace(fresh, claimed_at=place.claimed_at) == place
        if unchanged and fresh.expires_at >= now + session.expires_after(now):
            held[key] = fresh.expires_at
            continue
        aliases.append(Alias(key, replace(fresh, expires_at=expires), place))
        held[key] = expires
    return replace(session, aliases=held), Links(known.place, tuple(aliases))


def _claimable(event: Event, known: Known, at: int, ours: frozenset[str]) -> list[tuple[str, Place | None]]:
    if event["kind"] not in (*_NAMING, ADOPT):
        return []

    def is_free(place: Place | None) -> bool:
        if place is None or place.moved_to in ours:
            return True
        return event["kind"] in _NAMING and bool(place.moved_to) and not place.session and place.claimed_at <= at

    return [(key, place) for key in event.get("aliases", ()) if is_free(place := known.others.get(key))]


def expiring(session: Session, event: Event, now: int) -> list[str]:
    """Aliases that this event does not name, and that would expire before the session: to be renewed."""
    named = event.get("aliases", ())
    return [key for key, at in session.aliases.items() if key not in named and at < now + session.expires_after(now)]


def refusal(event: Event, known: Known) -> str:
    """Why a change of addresses must not move the conversation; "" when it may.

    Each old address that the change names must be this conversation's or nobody's. The new one must be nobody's, too:
    a conversation that it has must have begun after the change, as that of a person whose next message overtook it.
    """
    ours = known.keys

    def strange(place: Place | None) -> bool:
        return place is not None and place.moved_to not in ours

    target = known.others.get(event["to"])
    if any(strange(known.others.get(key)) for key in event.get("old", ())):
        return NOT_THE_SAME_PERSON
    if strange(target):
        session = target.live if target else None
        if session is None or session.since < int(event["at"]):
            return NOT_THE_SAME_PERSON
    return ""


def keys_to_erase(event: Event, known: Known) -> list[str]:
    """The keys, beside the conversation's own, under which something of the person may be stored."""
    assert event["kind"] == ERASE  # noqa: S101 - states what the caller has checked
    session = known.place.live if known.place else None
    named = [
        key
        for key in event.get("aliases", ())
        if (place := known.others.get(key)) is None or place.moved_to in known.keys
    ]
    held = (*session.aliases, *session.formerly) if session else known.place.named if known.place else ()
    return [key for key in dict.fromkeys((*named, *held)) if key != known.conversation]
