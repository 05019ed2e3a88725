"""Records why an event failed for good: the reason, the time, and the session's position.

The event itself goes to the dead-letter queue, which holds none of these.
"""

from __future__ import annotations

from chatflow.conversation.events import Event
from chatflow.conversation.session import MIN_RETENTION_DAYS
from chatflow.errors import ChatflowError
from conversation.run_turn import Dependencies

_DEAD_LETTER_DAYS = 15  # a dead letter stays in its queue for fourteen


def record_failure(event: Event, error: Exception, dependencies: Dependencies) -> None:
    """Save the reason of the failure. `node` is the session's node: which node failed is not known here."""
    now = int(dependencies.clock())
    session = dependencies.sessions.load(event["conversation"], event["id"]).session
    failure = {
        "kind": event["kind"],
        "reason": reason(error),
        "at": now,
        "session": session.session if session else "",
        "turn": session.turn if session else 0,
        "node": session.node if session else "",
        "flow": session.flow if session else "",
    }
    days = max(_DEAD_LETTER_DAYS, MIN_RETENTION_DAYS, session.retention_days if session else 0)
    dependencies.sessions.save_failure(event["conversation"], event["id"], failure, now + days * 86_400)


def reason(error: Exception) -> str:
    """The reason in plain words. Only our own errors are free of secrets and addresses: of others, only the name."""
    if isinstance(error, ChatflowError):
        return str(error).removesuffix("; its event is tried again")
    answer = getattr(error, "response", None)
    if isinstance(answer, dict) and "Error" in answer:
        called = getattr(error, "operation_name", "a call")
        return f"AWS refused {called}: {answer['Error'].get('Code', 'no code')}"
    return f"an error that nobody expected: {type(error).__name__}; its trace is in the function's log"
