"""Begins the wait of a session, after a run of the state machine whose last node waits. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatflow.conversation import owed
from chatflow.conversation.file_answers import word_without_question
from chatflow.conversation.present_question import question_ids
from chatflow.conversation.session import Session, Waiting, is_for_time
from chatflow.conversation.turn_limits import MAX_TIME_WAITS


def begin_wait(
    session: Session,
    result: dict[str, Any],
    now: int,
    asked: tuple[str, ...] | None,
    same_wait: tuple[str, int],
    *,
    files_ahead: bool,
) -> Session:
    """The session, which waits from `now` (seconds since the epoch) at the node that `result` names.

    `asked` are the messages that asked what the run may have asked again. `same_wait`: the node that went on waiting,
    and since which visit it waits. `files_ahead`: after the node, the flow may ask for a file.
    """
    ids = question_ids(result["trail"], asked)
    again = len(result["trail"]) == 1 and result["at"] == same_wait[0]
    begun = Waiting.begun(result["wait"], now, session.timeout, ids, files_ahead=files_ahead)
    waiting = replace(begun, since=same_wait[1] if again else session.visits, visit=session.visits)
    counted = session.time_waits + (1 if waiting.for_time else 0)
    session = replace(session, state="waiting", node=result["at"], waiting=waiting, time_waits=counted)
    return owed.with_wait(session, session.visits, waiting.deadline - now)


def waits_too_often(session: Session, result: dict[str, Any]) -> bool:
    """Whether the flow waits for time again and again, and the customer has long been silent."""
    waits = result["status"] == "waiting" and is_for_time(result["wait"]["expects"])
    return waits and session.time_waits >= MAX_TIME_WAITS


def asks_nothing(session: Session) -> bool:
    """Whether the session waits without having asked the customer anything."""
    return session.waiting is not None and session.waiting.for_time


def first_word(session: Session, result: dict[str, Any], routes: dict[str, Any], *, file_unanswered: bool) -> str:
    """What the turn tells the customer as the wait begins: the node's `say`, or the word for a file."""
    if say := str(result["wait"].get("say") or ""):
        return say
    return word_without_question(session, routes) if file_unanswered and asks_nothing(session) else ""
