"""Turn records as people read them: in order, with files, deliveries and failures beside what happened. Pure.

The ids of messages spell the contact's number on WhatsApp: only digests of them are shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatflow.adapters.dynamodb.transcripts import HistoryEntry
from chatflow.conversation.session import Session
from chatflow.media import object_keys
from chatflow.media.reference import is_media

Record = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of a transcript before it is read: a record, or a dead letter whose event never had its turn."""

    id: str
    session: str
    turn: int
    at: int
    item: str = ""
    failure: Mapping[str, Any] | None = None

    @property
    def place(self) -> tuple[int, int, str]:
        return self.turn, self.at, self.id


def digest(id: str) -> str:
    """One and the same for one event or message, with no way back to what is in its id."""
    return "e_" + hashlib.sha256(id.encode()).hexdigest()[:24]


def lines(history: Sequence[HistoryEntry], letters: Sequence[Record], session: str) -> list[Line]:
    """A session's lines, in order. A letter whose event had its turn after all is told beside that turn."""
    failed = {f"turn#{letter['event']}": letter for letter in letters}
    found = [
        Line(digest(entry.item.removeprefix("turn#")), entry.session, entry.turn, entry.at, entry.item, failure)
        for entry in history
        for failure in [failed.pop(entry.item, None)]
    ]
    found += [
        Line(digest(letter["event"]), letter["session"], letter["turn"], letter["at"], failure=letter)
        for letter in failed.values()
    ]
    return sorted((line for line in found if line.session == session), key=lambda line: line.place)


def sessions(history: Sequence[HistoryEntry], newest: Session) -> list[dict[str, Any]]:
    """The sessions of a conversation, the newest first."""
    found: dict[str, dict[str, Any]] = {}
    for entry in history:
        if not entry.session:
            continue
        seen = found.setdefault(
            entry.session,
            {"session": entry.session, "flow": "", "state": "ended", "turns": 0, "first": entry.at, "last": entry.at},
        )
        seen["flow"] = entry.flow or seen["flow"]
        seen["turns"] += 1 if entry.flow else 0  # a note is none
        seen["first"], seen["last"] = min(seen["first"], entry.at), max(seen["last"], entry.at)
    if newest.session in found:
        found[newest.session]["state"] = newest.state
    return list(reversed(found.values()))  # the history is in the order of turns; two may share a second


def event(record: Record) -> dict[str, Any]:
    """The event of a record, with digests for ids."""
    told = dict(record["event"])
    for name in ("id", "message_id"):
        if name in told:
            told[name] = digest(told[name])
    if message := told.get("message"):
        told["message"] = {name: value for name, value in message.items() if name not in ("id", "channel", "account")}
    return {name: value for name, value in told.items() if name not in ("channel", "account")}


def changes(record: Record) -> dict[str, dict[str, Any]]:
    """Every variable that the turn changed: what it was (null: not there) and what it became."""
    before = record.get("before", {})
    return {name: {"before": before.get(name), "after": after} for name, after in record.get("variables", {}).items()}


def sent(records: Iterable[Record]) -> list[str]:
    """The ids of all messages that these turns sent."""
    return [id for record in records for effect in _effects(record) for id in effect.get("messages", ())]


def visits(record: Record, statuses: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The visits of a turn, each message that they sent with what became of it."""

    def told(effect: dict[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in effect.items() if name not in ("key", "messages")}
        if "messages" in effect:
            unknown = {"status": "unknown"}
            shown["messages"] = [{"id": digest(id), **statuses.get(id, unknown)} for id in effect["messages"]]
        return shown

    return [
        {**visit, "effects": [told(each) for each in visit.get("effects", ())]} for visit in record.get("visits", ())
    ]


def files(record: Record, conversation: str) -> Iterator[dict[str, Any]]:
    """Each file that a turn took, made or sent. Only the conversation's own and the library's: an API may answer with
    what looks like a file of someone else."""
    named = [value for value in record.get("variables", {}).values() if is_media(value)]
    seen: set[str] = set()
    for each in [*named, *(effect for effect in _effects(record) if "key" in effect)]:
        key = str(each["key"])
        if object_keys.may_use(conversation, key) and key not in seen:
            seen.add(key)
            yield each


def _effects(record: Record) -> Iterator[dict[str, Any]]:
    for visit in record.get("visits", ()):
        yield from visit.get("effects", ())
