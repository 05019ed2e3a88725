"""The stored form of a turn record: without what the rest of the record says already, and without what is empty. Pure.

A row is billed for each KB. Readers of earlier releases need nothing of what is left out. Decision record 44.
"""

from __future__ import annotations

from typing import Any, Final

Record = dict[str, Any]

_OF_THE_EVENT: Final = ("id", "channel", "account")  # a message repeats these of its event


def to_stored(record: Record) -> Record:
    """The stored form of a turn record. That of a note is the note, but for what a message repeats."""
    stored, event = dict(record), record["event"]
    if message := event.get("message"):
        repeated = {name: event[name] for name in _OF_THE_EVENT if name in event}
        stored["event"] = {**event, "message": _without(message, repeated)}
    if not _is_of_a_turn(record):
        return stored
    usual = _usual_of_a_visit(record)
    stored["visits"] = [_without(visit, usual) for visit in record.get("visits", ())]
    return _without(stored, _empty())


def from_stored(stored: Record) -> Record:
    """The record of a stored form, of any release. Parts that are not of their type stay as they are."""
    record, event = dict(stored), stored.get("event")
    if isinstance(event, dict) and isinstance(message := event.get("message"), dict):
        repeated = {name: event[name] for name in _OF_THE_EVENT if name in event}
        record["event"] = {**event, "message": {**repeated, **message}}
    if not _is_of_a_turn(record):
        return record
    record = {**_empty(), **record}
    if isinstance(visits := record["visits"], list):
        usual = _usual_of_a_visit(record)
        record["visits"] = [{**usual, **visit} if isinstance(visit, dict) else visit for visit in visits]
    return record


def _is_of_a_turn(record: Record) -> bool:
    """A note has no state: its event changed no session."""
    return "state" in record


def _empty() -> Record:
    return {"visits": [], "variables": {}, "before": {}}


def _usual_of_a_visit(record: Record) -> Record:
    """A visit is of the flow in which the turn ended; it has taken no exit, or does not wait."""
    return {**({"flow": record["flow"]} if "flow" in record else {}), "exit": "", "waits": False}


def _without(data: Record, left_out: Record) -> Record:
    """The fields but for those with these values."""
    return {name: value for name, value in data.items() if name not in left_out or left_out[name] != value}
