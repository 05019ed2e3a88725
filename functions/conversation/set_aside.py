"""Sets an event aside that cannot be processed: its reason is recorded, the customer gets the apology, and the event
becomes a dead letter, so that the conversation goes on without it.
"""

from __future__ import annotations

from typing import Final

from chatflow.conversation.event_guards import is_stale
from chatflow.conversation.events import CONTINUE, MESSAGE, OWED, SCAN, TIMEOUT, Event
from chatflow.conversation.position import position
from chatflow.conversation.retention import MIN_RETENTION_DAYS
from chatflow.conversation.session import Session
from chatflow.errors import ChatflowError, Throttled
from chatflow.logs import logger
from conversation import one_person
from conversation.run_turn import Dependencies, send_text

RUNS: Final = 5  # of one event, before it is set aside
DIED: Final = "the worker ended before it could say why: its time or its memory ran out"
THROTTLED: Final = "AWS refused every attempt because of its rate, or ran none"

_DEAD_LETTER_DAYS = 15  # a dead letter stays in its queue for fourteen
_WAKES = {TIMEOUT: "deadline", OWED: "due"}  # events that nothing but a timer brings, and the field of their time
_NEXT_WAKE = 900  # seconds; what SQS delays, so that an erasure need not look for a schedule
_LAST_WAKE = 3 * 3600  # seconds after its time: each wake-up that fails is a dead letter more
_CUSTOMERS = (MESSAGE, CONTINUE, SCAN)  # the kinds of events behind which a customer waits for an answer


def set_aside(event: Event, reason: str, dependencies: Dependencies) -> None:
    """Make the event a dead letter. Repeated after a failure, it apologises no second time.

    A timer is set once more for a while: without one, its session would wait until somebody acts.
    """
    now = int(dependencies.clock())
    loaded = dependencies.sessions.load(event["conversation"], event["id"], event.get("aliases", ()))
    loaded = one_person.with_arrivals(event, loaded)  # a redriven event finds them adopted
    session, unreadable = loaded.session, loaded.unreadable
    stood = position(session)
    if unreadable:
        stood = {**stood, "session": unreadable.session, "node": unreadable.node}
    turn = session.turn if session else unreadable.turn if unreadable else 0
    failure = {
        "kind": event["kind"],
        "reason": reason,
        "at": now,
        **stood,
        "turn": turn,
        "flow": session.flow if session else unreadable.flow if unreadable else "",
    }
    days = max(_DEAD_LETTER_DAYS, MIN_RETENTION_DAYS, session.retention_days if session else 0)
    dependencies.sessions.save_failure(event["conversation"], event["id"], failure, now + days * 86_400)
    wakes = event["kind"] in _WAKES and not is_stale(event, session)
    comes_again = wakes and now < int(event[_WAKES[event["kind"]]]) + _LAST_WAKE
    if comes_again:
        dependencies.schedule(now + _NEXT_WAKE, event)
    apology = str(loaded.routes.get("apology") or "")
    silent = session is not None and session.paused is not None
    awaited = event["kind"] in _CUSTOMERS or (wakes and not comes_again and _customer_waits(session))
    if apology and not silent and awaited and dependencies.runs.claim_apology(
        event["conversation"], stood["session"], turn
    ):  # fmt: skip
        _apologise(apology, event, session, dependencies)
    dependencies.dead_letter(event)
    dependencies.runs.forget(event["conversation"], event["id"])


def _customer_waits(session: Session | None) -> bool:
    """Whether it is not the customer's turn to say something: the session waits for a time, or to call an API again."""
    waiting = session.waiting if session else None
    return waiting is not None and (waiting.for_time or waiting.for_an_api)


def _apologise(apology: str, event: Event, session: Session | None, dependencies: Dependencies) -> None:
    """Send the apology, if it is known to whom. What fails now is in the log: the event matters more."""
    if session is None and "contact" in event:
        session = Session(event["conversation"], event["channel"], event["account"], event["contact"])
    if session is None:
        return
    try:
        send_text(apology, event, session, dependencies)
    except Exception as problem:
        logger.warning("apology not sent", extra={"reason": type(problem).__name__})


def reason(error: Exception) -> str:
    """The reason in plain words. Only our own errors are free of secrets and addresses: of others, only the name."""
    if isinstance(error, Throttled):
        return THROTTLED
    if isinstance(error, ChatflowError):
        return str(error).removesuffix("; its event is tried again")
    answer = getattr(error, "response", None)
    if isinstance(answer, dict) and "Error" in answer:
        called = getattr(error, "operation_name", "a call")
        return f"AWS refused {called}: {answer['Error'].get('Code', 'no code')}"
    return f"an error that nobody expected: {type(error).__name__}; its trace is in the function's log"
