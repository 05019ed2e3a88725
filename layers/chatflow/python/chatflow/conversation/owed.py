"""Messages that a conversation owes its customer: the channel did not take them, so they are sent later.

Pure. An owed message belongs to the conversation and outlives its session. A session stores its conversation's owed
messages in the order in which they were to be sent. Only the first is ever tried; the others wait behind it.

A message is tried until one hour before the channel's window ends, counted from the customer's last message. Without a
window it is tried for a day less an hour. Then it is given up.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from chatflow.conversation.events import Event, delivery_event
from chatflow.conversation.owed_message import OwedMessage

if TYPE_CHECKING:
    from chatflow.conversation.session import Session

# A conversation owes at most so much. A message counts with the bytes of its JSON, and with a thousand at least: so
# it is about fifty messages. The state machine's own state ends at 256 KB, an item of the table at 400 KB.
MAX_OWED_BYTES: Final = 48_000
MIN_MESSAGE_BYTES: Final = 1_000

UNAVAILABLE: Final = "channel_unavailable"  # nothing was sent
IN_DOUBT: Final = "in_doubt"  # the message may have been sent
PACED: Final = "paced"  # it was not tried: its account sends as fast as it may, and it has a slot of its own
BEHIND: Final = "behind_another"  # it was not tried, because an earlier message is owed
TOO_MANY_OWED: Final = "too_many_owed"

MAX_DOUBTS: Final = 2  # attempts of one message that may have taken effect

_FIRST_PAUSE, _LONGEST_PAUSE = 4.0, 300.0  # seconds; a channel may ask for more
_STATUS_SECONDS: Final = 20  # to wait for the status of a message in doubt before it is repeated


def size_of(content: Mapping[str, Any]) -> int:
    """The bytes with which a message counts."""
    return max(MIN_MESSAGE_BYTES, len(json.dumps(content, ensure_ascii=False).encode()))


def owed_bytes(session: Session) -> int:
    """How much the conversation owes, 0 for nothing."""
    return sum(size_of(each.content) for each in session.owed)


def with_owed(
    session: Session, visits: Iterable[dict[str, Any]], nodes: Mapping[str, Any], *, window: int, now: int
) -> Session:
    """The session with what the visits of a run owe. `visits` are records; `nodes` are those of the run.

    The field `owed` is taken out of the records: the transcript does not hold what was to be sent.
    """
    added = []
    for visit in visits:
        for each in visit.pop("owed", ()):
            node = nodes[visit["node"]]
            message = OwedMessage(
                id=each["id"],
                node_type=node["type"],
                seconds=int(node["seconds"]),
                flow=visit["flow"],
                session=session.session,
                node=visit["node"],
                visit=int(visit["visit"]),
                effect=each["effect"],
                content=each["content"],
                reason=each["reason"],
                since=now,
                window=window,
            )
            added.append(message if message.reason == BEHIND else _after_attempt(message, each, now))
        visit.pop("owes", None)
    return replace(session, owed=(*session.owed, *added)) if added else session


def with_wait(session: Session, visit: int, seconds: int) -> Session:
    """The session, whose new wait was begun by this visit and lasts so long.

    While the question of the wait is owed, the customer cannot answer it: the wait's time begins when it is sent. A
    wait for time alone asks nothing.
    """
    if session.waiting and session.waiting.for_time:
        seconds = 0
    owed = [replace(each, wait_seconds=0) for each in session.owed]
    asked = [number for number, each in enumerate(owed) if (each.session, each.visit) == (session.session, visit)]
    if asked:
        owed[asked[-1]] = replace(owed[asked[-1]], wait_seconds=seconds)
    return replace(session, owed=tuple(owed))


def question_of(session: Session) -> OwedMessage | None:
    """The owed message whose answer the session waits for."""
    return next((each for each in session.owed if _is_awaited(each, session)), None)


def without_question(session: Session) -> Session:
    """The session without the owed question of its wait, which is about to be asked anew, unless part of it is out."""
    question = question_of(session)
    if question is None or question.doubts or question.sent:
        return session
    return replace(session, owed=tuple(each for each in session.owed if each is not question))


def is_due(session: Session, now: int) -> bool:
    """Whether the first owed message must be sent or given up now. During a pause, the bot is silent."""
    if not session.owed or session.paused:
        return False
    first = session.owed[0]
    return min(first.due, first.expires_at(session.last_message_at)) <= now


def after_attempt(session: Session, record: dict[str, Any], now: int) -> tuple[Session, tuple[Event, ...]]:
    """The session after its first owed message was tried, and the event for the node that waits for it, if any.

    `record` is that of the visit that tried it. It becomes a record for the transcript.
    """
    first, *others = session.owed
    record["visit"] = first.visit  # the machine counts the attempt as a visit of its own
    record.pop("owes", None)
    if still_owed := record.pop("owed", ()):
        return replace(session, owed=(_after_attempt(first, still_owed[0], now), *others)), ()
    (effect,) = record["effects"]
    return after_delivery(
        session,
        now,
        failure=effect.get("reason", ""),
        code=int(effect.get("code", 0)),
        in_doubt=bool(effect.get("in_doubt")),
        message_ids=() if effect.get("sent_again") else tuple(effect.get("messages", ())),
    )


def postponed(session: Session, now: int) -> Session:
    """The session after the attempt at its first owed message failed without a result.

    The next attempt is the same one again: the row of the effect says whether a worker began it. Its slot in the
    account's rate will have passed, so that it takes another one.
    """
    first, *others = session.owed
    reason = UNAVAILABLE if first.reason == PACED else first.reason
    return replace(session, owed=(replace(first, due=now + int(_LONGEST_PAUSE), reason=reason), *others))


def after_delivery(
    session: Session,
    now: int,
    *,
    failure: str = "",
    code: int = 0,
    in_doubt: bool = False,
    message_ids: tuple[str, ...] = (),
) -> tuple[Session, tuple[Event, ...]]:
    """The session after its first owed message was sent, refused or given up, and the event for a node that waits.

    `failure` says why it was not sent. After a doubt, the channel is still in trouble: the next message gets a pause.
    """
    message, *left = session.owed
    if left and in_doubt:
        left[0] = replace(left[0], due=now + _STATUS_SECONDS)
    session, waiting = replace(session, owed=tuple(left)), session.waiting
    if waiting is None or not _is_awaited(message, session):
        return session, ()
    if failure or waiting.for_a_delivery:
        conversation = session.conversation
        event = delivery_event(conversation, message.session, message.visit, message.id, failure=failure, code=code)
        return session, (event,)
    # Now the customer can answer. Of a question that was asked before, not all messages are known.
    asked_once = waiting.wait_state.get("attempt") == 1 and not in_doubt
    known_ids = message_ids if asked_once else waiting.message_ids
    waiting = replace(waiting, deadline=now + message.wait_seconds, message_ids=known_ids)
    return replace(session, waiting=waiting), ()


def is_awaited_delivery(event: Event, session: Session) -> bool:
    """Whether the event says what became of an owed message that the session waits for."""
    if session.waiting is None:
        return False
    return (session.session, session.waiting.visit or session.visits) == (event["session"], event["visit"])


def with_deadline(session: Session) -> Session:
    """The session with a deadline that cannot pass while the question of its wait is owed."""
    question = question_of(session)
    if question is None or session.waiting is None:
        return session
    deadline = question.expires_at(session.last_message_at) + question.wait_seconds
    return replace(session, waiting=replace(session.waiting, deadline=deadline))


def wake_at(session: Session, now: int) -> int:
    """When the conversation must wake to send the next owed message or to give it up.

    0 when it owes nothing, and during a pause, whose end wakes it.
    """
    if not session.owed or session.paused:
        return 0
    first = session.owed[0]
    return max(min(first.due, first.expires_at(session.last_message_at)), now + 1)


def record_of_given_up(message: OwedMessage) -> dict[str, Any]:
    """The transcript's record of a message that was given up without another attempt."""
    effect = {"effect": message.effect, "failed": f"given up after {message.tries} attempts", "reason": UNAVAILABLE}
    known = {"visit": message.visit, "flow": message.flow, "node": message.node}
    return {**known, "phase": "deliver", "exit": "", "waits": False, "milliseconds": 0, "effects": [effect]}


def _is_awaited(message: OwedMessage, session: Session) -> bool:
    """Whether the session waits for what becomes of this message. Another session's question outlives its wait."""
    return session.waiting is not None and message.wait_seconds > 0 and message.session == session.session


def _after_attempt(message: OwedMessage, attempt: Mapping[str, Any], now: int) -> OwedMessage:
    if attempt["reason"] == PACED:  # no attempt; it is due in its slot, and not a second earlier
        return replace(message, reason=PACED, due=int(attempt["due"]))
    tries = message.tries + 1
    return replace(
        message,
        reason=attempt["reason"],
        tries=tries,
        doubts=int(attempt["doubts"]),
        sent=tuple(attempt["sent"]),
        due=now + _pause(message.id, tries, float(attempt["after"]), in_doubt=attempt["reason"] == IN_DOUBT),
    )


def _pause(id: str, tries: int, after: float, *, in_doubt: bool) -> int:
    """Seconds until the next attempt: longer by half with each, and never less than the channel asked for.

    Conversations that fail together must not come back together, so each pause is up to a quarter longer. The id
    decides by how much, because rules use no randomness.
    """
    pause = min(max(after, _FIRST_PAUSE) * 1.5 ** min(tries - 1, 20), max(after, _LONGEST_PAUSE))
    jitter = zlib.crc32(f"{id}/{tries}".encode()) / 2**32 / 4
    return max(round(pause * (1 + jitter)), _STATUS_SECONDS if in_doubt else 0)
