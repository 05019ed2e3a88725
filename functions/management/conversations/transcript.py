"""Transcripts: turn records as people read them, in order, with files, deliveries and failures.

The ids of some channels' messages contain the contact's address, so only digests of ids are shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from chatflow.adapters.dynamodb.sessions import FAILURE
from chatflow.adapters.dynamodb.transcript_lines import Line as StoredLine
from chatflow.adapters.dynamodb.transcript_lines import place_of, shown_id
from chatflow.adapters.dynamodb.transcripts import HistoryEntry, Transcripts
from chatflow.conversation.session import Session
from chatflow.errors import Unreadable
from chatflow.media import object_keys
from chatflow.media.reference import is_media, is_media_list
from management.conversations.models import Failure, File, Turn
from management.http.pagination import Page, decode_cursor, encode_cursor, invalid_cursor
from management.http.times import rfc3339

if TYPE_CHECKING:
    from management.dependencies import Dependencies

_RECORDS_AT_ONCE: Final = 4  # in memory; a record has at most 400 KB
_MOST_UNITS: Final = 12  # read units of a page for its records and for the statuses of its messages
_UNIT: Final = 4096  # bytes of an item that two eventually consistent reads of it count as one read unit
_MAX_CHARACTERS: Final = 4_000_000  # of a page: Lambda answers at most 6 MB, and non-ASCII characters take more

_IDS: Final = ("reply_to", "original")  # fields of a message that hold the id of another one

Record = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of a transcript before its record is read: a turn, or a dead letter whose event never had a turn."""

    id: str
    session: str
    turn: int
    at: int  # seconds since the epoch
    conversation: str = ""  # the key under which its record is stored
    item: str = ""  # the sort key of its record, "" without one
    failure: Mapping[str, Any] | None = None

    @property
    def position(self) -> tuple[int, int, str]:
        return self.turn, self.at, self.id


def page(
    dependencies: Dependencies, newest: Session, session: str | None, *, limit: int, cursor: str | None
) -> Page[Turn]:
    """A page of the turns of a session, by default the newest session of the conversation.

    A page has fewer than `limit` turns if they are large or sent many messages, but at least one: so that it costs at
    most about 20 read units. Raises Problem (invalid-request).
    """
    after = _parse_cursor(cursor)
    following = _following(dependencies, newest, newest.session if session is None else session, after, limit + 1)
    turns: list[Turn] = []
    size, units = 0, 0.0
    for turn in _read_turns(dependencies, following[:limit], newest):
        written = turn.model_dump_json()
        size += len(json.dumps(written))
        if turns and size > _MAX_CHARACTERS:
            break
        turns.append(turn)
        units += (ceil(len(written) / _UNIT) + sum(len(each.get("messages", ())) for each in _effects_of(turn))) / 2
        if units >= _MOST_UNITS and len(turns) % _RECORDS_AT_ONCE == 0:
            break
    next_cursor = _to_cursor(following[len(turns) - 1]) if len(turns) < len(following) else None
    return Page(items=turns, next=next_cursor)


def _following(
    dependencies: Dependencies, newest: Session, session: str, after: tuple[int, int, str] | None, limit: int
) -> list[Line]:
    """At most `limit` lines of a session after a position."""
    transcripts, keys = dependencies.transcripts, (*newest.formerly, newest.conversation)
    place = place_of(*after) if after else ""
    found: list[Line] = []
    while (stored := transcripts.lines(session, keys, after=place, limit=limit)) is not None:
        found += _shown(transcripts, stored, session)
        if len(found) >= limit or len(stored) < limit:
            return found[:limit]
        place = stored[-1].place  # some of these are shown with a turn that came later
    found = _lines(transcripts.history(*keys), transcripts.failures(*keys), session)
    return [line for line in found if after is None or line.position > after][:limit]


def _shown(transcripts: Transcripts, stored: Sequence[StoredLine], session: str) -> list[Line]:
    """The lines as they are shown: the last failure of an event, and none of an event that had its turn after all."""
    failures = {
        each["event"]: each for each in transcripts.failures_of([(each.conversation, each.event) for each in stored])
    }
    failed = [(each.conversation, each.event) for each in stored if each.item.startswith(FAILURE)]
    processed = {id for (_, id), event in transcripts.failed_events(failed).items() if event.processed}
    found: list[Line] = []
    for each in stored:
        failure = failures.get(each.event)
        common = (shown_id(each.event), session, each.turn, each.at)
        if not each.item.startswith(FAILURE):
            found.append(Line(*common, each.conversation, each.item, failure))
        elif failure and (failure["turn"], failure["at"]) == (each.turn, each.at) and each.event not in processed:
            found.append(Line(*common, failure=failure))
    return found


def _lines(history: Sequence[HistoryEntry], letters: Sequence[Record], session: str) -> list[Line]:
    """A session's lines, in order. The letter of an event that had its turn after all is shown with that turn."""
    failures = {f"turn#{letter['event']}": letter for letter in letters}
    lines = [
        Line(
            shown_id(entry.item.removeprefix("turn#")),
            entry.session,
            entry.turn,
            entry.at,
            entry.conversation,
            entry.item,
            failures.pop(entry.item, None),
        )
        for entry in history
    ]
    lines += [
        Line(shown_id(letter["event"]), letter["session"], letter["turn"], letter["at"], failure=letter)
        for letter in failures.values()
    ]
    return sorted((line for line in lines if line.session == session), key=lambda line: line.position)


def _read_turns(dependencies: Dependencies, lines: Sequence[Line], newest: Session) -> Iterator[Turn]:
    transcripts = dependencies.transcripts
    for start in range(0, len(lines), _RECORDS_AT_ONCE):
        some = lines[start : start + _RECORDS_AT_ONCE]
        records = {
            (key, item): record
            for key in dict.fromkeys(line.conversation for line in some if line.item)
            for item, record in transcripts.records(
                key, [line.item for line in some if line.item and line.conversation == key]
            ).items()
        }
        sent = [id for record in records.values() for id in _sent_messages(record)]
        statuses = transcripts.statuses(newest.channel, newest.account, sent)
        for line in some:
            stored = records.get((line.conversation, line.item))
            if not isinstance(stored, Unreadable):
                try:
                    yield _to_turn(dependencies, line, stored, newest, statuses)
                    continue
                except Exception as error:  # whatever such a record holds, it hides no other
                    stored = Unreadable(f"the turn record cannot be read: {type(error).__name__}")
            yield _unreadable_turn(line, str(stored))


def _to_turn(
    dependencies: Dependencies,
    line: Line,
    stored: Record | None,
    newest: Session,
    statuses: Mapping[str, Mapping[str, Any]],
) -> Turn:
    failure = line.failure
    record = stored or {"event": {"kind": failure["kind"]} if failure else {}, "visits": []}
    return Turn(
        id=line.id,
        session=line.session,
        turn=line.turn,
        at=rfc3339(line.at),
        flow=record.get("flow", ""),
        version=record.get("version", 0),
        state=record.get("state"),
        node=record.get("node", failure["node"] if failure else ""),
        event=_event(record),
        visits=_visits(record, statuses),
        changes=_changes(record),
        media=[_to_file(dependencies, each) for each in _media(record, newest)],
        stale=bool(record.get("stale")),
        refused=record.get("refused"),
        failure=_to_failure(line),
    )


def _unreadable_turn(line: Line, reason: str) -> Turn:
    """A turn of which only the row's other attributes are known."""
    return Turn(
        id=line.id,
        session=line.session,
        turn=line.turn,
        at=rfc3339(line.at),
        flow="",
        version=0,
        state=None,
        node="",
        event={},
        visits=[],
        changes={},
        media=[],
        unreadable=reason,
        stale=False,
        refused=None,
        failure=_to_failure(line),
    )


def _to_failure(line: Line) -> Failure | None:
    failure = line.failure
    return Failure(reason=failure["reason"], at=rfc3339(failure["at"]), node=failure["node"]) if failure else None


def _event(record: Record) -> dict[str, Any]:
    """The event of a record, with digests as ids and without the channel and the account."""
    event = {name: value for name, value in record["event"].items() if name not in ("channel", "account")}
    for name in ("id", "message_id"):
        if name in event:
            event[name] = shown_id(event[name])
    if message := event.get("message"):
        shown = {name: value for name, value in message.items() if name not in ("id", "channel", "account")}
        event["message"] = {name: shown_id(value) if name in _IDS else value for name, value in shown.items()}
    return event


def _visits(record: Record, statuses: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The visits of a turn; each message that they sent has its delivery status."""

    def to_effect(effect: dict[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in effect.items() if name not in ("key", "messages")}
        if "messages" in effect:
            unknown = {"status": "unknown"}
            shown["messages"] = [{"id": shown_id(id), **statuses.get(id, unknown)} for id in _messages(effect)]
        return shown

    return [
        {**visit, "effects": [to_effect(each) for each in visit.get("effects", ())]}
        for visit in record.get("visits", ())
    ]


def _changes(record: Record) -> dict[str, dict[str, Any]]:
    """Every variable that the turn changed: its value before (null if it was not set) and after."""
    before = record.get("before", {})
    return {name: {"before": before.get(name), "after": after} for name, after in record.get("variables", {}).items()}


def _media(record: Record, newest: Session) -> Iterator[dict[str, Any]]:
    """Each file that a turn received, made or sent, once.

    Only files of the conversation and of the library: the business's API may answer with a value that looks like a
    reference to the file of another conversation.
    """
    values = record.get("variables", {}).values()
    variables = [each for value in values for each in (value if is_media_list(value) else [value]) if is_media(each)]
    seen: set[str] = set()
    for each in [*variables, *(effect for effect in _effects(record) if "key" in effect)]:
        key = str(each["key"])
        if object_keys.may_use(newest.conversation, key, newest.formerly) and key not in seen:
            seen.add(key)
            yield each


def _to_file(dependencies: Dependencies, reference: dict[str, Any]) -> File:
    links = dependencies.media_links
    key, sha256 = str(reference["key"]), str(reference["sha256"])
    filename = str(reference.get("filename") or f"{reference['kind']}-{sha256[:8]}")
    mime = str(reference["mime"])
    return File(
        kind=str(reference["kind"]),
        mime=mime,
        size=int(reference["size"]),
        sha256=sha256,
        filename=filename,
        url=links.link(key, filename, mime),
        thumbnail=(links.thumbnail(sha256) or None) if object_keys.is_asset(key) else None,
    )


def _sent_messages(record: Record | Unreadable) -> list[str]:
    """The ids of all messages that a turn sent; none for a record whose visits cannot be read."""
    try:
        return [] if isinstance(record, Unreadable) else [id for each in _effects(record) for id in _messages(each)]
    except (AttributeError, TypeError):
        return []


def _effects_of(turn: Turn) -> Iterator[dict[str, Any]]:
    for visit in turn.visits:
        yield from visit["effects"]


def _messages(effect: dict[str, Any]) -> list[str]:
    return [id for id in effect.get("messages", ()) if isinstance(id, str)]


def _effects(record: Record) -> Iterator[dict[str, Any]]:
    for visit in record.get("visits", ()):
        yield from visit.get("effects", ())


def _to_cursor(line: Line) -> str:
    return encode_cursor(turn=str(line.turn), at=str(line.at), id=line.id)


def _parse_cursor(cursor: str | None) -> tuple[int, int, str] | None:
    position = decode_cursor(cursor, "turn", "at", "id")
    if position is None:
        return None
    if not (position["turn"].isdecimal() and position["at"].isdecimal()):
        raise invalid_cursor()
    return int(position["turn"]), int(position["at"]), position["id"]
