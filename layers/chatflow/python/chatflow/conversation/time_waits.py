"""Messages that come while a session waits for a time alone. Pure.

No message is an answer to such a wait, and none changes its deadline. The node that waits says under `expects` what it
does with them. `any_message`: each resumes the node. `any_without_file`: each that holds no file does, so that the node
can say something and go on waiting. Nothing: they are kept for the session's next node that asks for something, marked
`kept`; such a message uses no attempt there. Files follow `chatflow.conversation.file_answers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatflow.conversation.early_files import with_early
from chatflow.conversation.events import WAS_KEPT, Event
from chatflow.conversation.file_answers import Answer, unused_text
from chatflow.conversation.held_messages import TOO_MANY_HELD
from chatflow.conversation.present_question import is_old_tap
from chatflow.conversation.routing import RESEND
from chatflow.conversation.session import Session, Waiting
from chatflow.messages import IncomingMessage


def answer_in_time_wait(session: Session, event: Event, message: IncomingMessage, routes: Mapping[str, Any]) -> Answer:
    """What to do with a message without a file that reaches a session which waits for a time alone."""
    waiting = session.waiting
    assert waiting is not None  # noqa: S101  narrows the type; the caller has checked it
    if waiting.expects:
        return Answer("resume", session)
    if message.lost_file:  # it cannot be kept
        return Answer(
            "done", session, str(routes.get("resend", RESEND)) if waiting.files_ahead else unused_text(routes)
        )
    if message.kind == "other":  # no node can read it, now or later
        return Answer("done", session)
    kept = with_early(session, {**event, WAS_KEPT: True})
    return Answer("done", kept or session, refused="" if kept else TOO_MANY_HELD)


def is_passed_over(event: Event, message: IncomingMessage, waiting: Waiting | None) -> bool:
    """Whether a message that was kept comes to nothing: the session ended, or it is a tap on an older question."""
    return WAS_KEPT in event and not message.media and (waiting is None or is_old_tap(message, waiting))
