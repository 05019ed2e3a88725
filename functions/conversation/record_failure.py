"""What is kept of an event that failed as often as it may: why, when, and where its session stood.

The event itself goes to the dead-letter queue; this is what the queue cannot say.
"""

from __future__ import annotations

from chatflow.conversation.events import Event
from chatflow.conversation.session import SHORTEST_MEMORY_DAYS
from chatflow.errors import ChatflowError
from conversation.turn import World

_LETTERS_LAST_DAYS = 15  # a dead letter lies in its queue for fourteen


def set_aside(event: Event, error: Exception, world: World) -> None:
    """Write down why the event failed. It is the session's place, not the failing node, that is known here."""
    now = int(world.clock())
    session = world.sessions.load(event["conversation"], event["id"]).session
    letter = {
        "kind": event["kind"],
        "reason": reason(error),
        "at": now,
        "session": session.session if session else "",
        "turn": session.turn if session else 0,
        "node": session.at if session else "",
        "flow": session.flow if session else "",
    }
    days = max(_LETTERS_LAST_DAYS, SHORTEST_MEMORY_DAYS, session.retention_days if session else 0)
    world.sessions.set_aside(event["conversation"], event["id"], letter, now + days * 86_400)


def reason(error: Exception) -> str:
    """Plain words. Only our own errors promise to hold no secret and no address: of others, the name is all."""
    if isinstance(error, ChatflowError):
        return str(error).removesuffix("; its event is tried again")
    answer = getattr(error, "response", None)
    if isinstance(answer, dict) and "Error" in answer:
        called = getattr(error, "operation_name", "a call")
        return f"AWS refused {called}: {answer['Error'].get('Code', 'no code')}"
    return f"an error that nobody expected: {type(error).__name__}; its trace is in the function's log"
