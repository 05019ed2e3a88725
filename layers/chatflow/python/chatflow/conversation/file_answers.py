"""Decides what becomes of a file that a customer sends, in every state of a conversation. Pure.

The table in docs/conversations.md says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from chatflow.conversation import owed
from chatflow.conversation.early_files import (
    FILE_KEPT,
    FILE_KEPT_UNASKED,
    FILE_UNUSED,
    TOO_MANY_FILES,
    files_of,
    with_early,
)
from chatflow.conversation.events import Event
from chatflow.conversation.held_messages import TOO_MANY_HELD, with_held
from chatflow.conversation.late_files import is_late_file, waiting_again
from chatflow.conversation.routing import flow_for
from chatflow.conversation.session import ANY_MESSAGE, FILE, Session
from chatflow.messages import IncomingMessage

# resume: the waiting node takes the file, or refuses it and asks again. start: the file starts a flow of the routes.
# store: it is stored, because the session may wait for long. done: nothing is left to run for it.
Next = Literal["resume", "start", "store", "done"]
_STORED: Final = "stored"  # a field of a held event whose file was stored


@dataclass(frozen=True)
class Answer:
    """What a message makes of a session. `text` is sent to the customer; `refused` says why the file is not used."""

    next: Next
    session: Session
    text: str = ""
    refused: str = ""
    flow: str = ""


def answer_to_file(
    session: Session, event: Event, message: IncomingMessage, routes: Mapping[str, Any], now: int, *, opened: bool
) -> Answer:
    """What to do with a file that reaches a session; `opened`: the file itself had started the flow.

    A session that waits for a verdict, for a delivery or for the end of an outage holds it: it decides afterwards.
    """
    waiting = session.waiting
    if waiting and not waiting.for_the_customer:
        stores = waiting.for_an_api and _STORED not in event  # once, though each try of the call holds it anew
        held = with_held(session, {**event, _STORED: True} if stores else event)
        next: Next = "store" if stores else "done"
        return Answer(next, held) if held else _not_used(session, routes, TOO_MANY_HELD)
    if waiting and FILE in waiting.expects:
        return Answer("resume", session)
    if is_late_file(session, message, now):
        return Answer("resume", waiting_again(owed.without_question(session), now))
    if waiting and waiting.files_ahead:
        kept = _kept(session, event, routes, now)
        ends_wait = ANY_MESSAGE in waiting.expects and not opened and not kept.refused
        return replace(kept, next="resume", text="") if ends_wait else kept
    if opened or (waiting and waiting.for_time and ANY_MESSAGE not in waiting.expects):
        # The question was only just asked, and the file is no answer to it; or nothing is asked.
        return _not_used(session, routes)
    if waiting:
        return Answer("resume", session)
    if flow := flow_for(dict(routes), message):
        return Answer("start", session, flow=flow)
    # The file may have overtaken its keyword.
    return Answer("done", with_early(session, event) or session, routes.get("no_match") or unused_text(routes))


def unused_text(routes: Mapping[str, Any]) -> str:
    """What the customer is told of a file that was not used."""
    return str(routes.get("file_unused") or FILE_UNUSED)


def word_without_question(session: Session, routes: Mapping[str, Any]) -> str:
    """What the customer is told of a file that nobody has answered, when the session goes on to wait for a time."""
    return _kept_text(session, routes) if files_of(session.early) else unused_text(routes)


def has_word(visits: Iterable[dict[str, Any]]) -> bool:
    """Whether these visits took the file that they were given, or sent the customer a message."""
    return any(_is_word(effect) for visit in visits for effect in visit.get("effects", ()))


def _kept(session: Session, event: Event, routes: Mapping[str, Any], now: int) -> Answer:
    """The session keeps the file, and waits as long as after any other message. An album is answered once."""
    kept, waiting = with_early(session, event), session.waiting
    if kept is None:
        return _not_used(session, routes, TOO_MANY_FILES)
    if waiting and not waiting.own_deadline:
        kept = replace(kept, waiting=replace(waiting, deadline=max(waiting.deadline, now + session.timeout)))
    return Answer("done", kept, "" if files_of(session.early) else _kept_text(session, routes))


def _kept_text(session: Session, routes: Mapping[str, Any]) -> str:
    asked = session.waiting is not None and not session.waiting.for_time
    return str(routes.get("file_kept") or (FILE_KEPT if asked else FILE_KEPT_UNASKED))


def _not_used(session: Session, routes: Mapping[str, Any], refused: str = "") -> Answer:
    return Answer("done", session, unused_text(routes), refused)


def _is_word(effect: dict[str, Any]) -> bool:
    if effect.get("effect") == "take":
        return not {"rejected", "reason", "failed"} & effect.keys()
    if effect.get("effect") == "scan":
        return effect.get("verdict") == "clean"
    return "failed" not in effect and bool({"messages", "owed", "in_doubt"} & effect.keys())
