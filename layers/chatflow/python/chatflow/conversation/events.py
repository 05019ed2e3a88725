"""The events on a conversation's queue, and the key that orders them.

An event is JSON: `id`, `kind`, `conversation` (the key), and the fields of its kind. The id makes a repeated event
harmless: it is part of the key of the turn record.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

from chatflow.messages import Delivery, IdentityChange, IncomingMessage

Event = dict[str, Any]

MESSAGE: Final = "message"  # the customer wrote
START: Final = "start"  # the business starts a flow
TIMEOUT: Final = "timeout"  # a wait's deadline has passed
CONTINUE: Final = "continue"  # the rest of a turn that did not fit its budget
STATUS: Final = "status"  # a message that we sent could not be delivered
ERASE: Final = "erase"  # everything about the contact must be deleted
OPERATOR: Final = "operator"  # a person stops, retries, gives up, pauses or resumes a session
SCAN: Final = "scan"  # a malware scanner has scanned a file
OWED: Final = "owed"  # a message that the channel did not take is due again
DELIVERY: Final = "delivery"  # what became of an owed message, for the node that waits for it; it is never queued
ECHO: Final = "echo"  # a person of the business wrote to the customer by hand
MOVE: Final = "move"  # the conversation's session belongs to another key
ADOPT: Final = "adopt"  # a session that moved here waits to be adopted

WAS_KEPT: Final = (
    "kept"  # a field: the message was kept during a wait for time, so it is older than the present question
)

Action = Literal["stop", "retry", "give_up", "pause", "resume"]
Verdict = Literal["clean", "unsafe", "failed"]  # failed: the scanner could not scan the whole file


def conversation_key(secret: str, channel: str, account: str, contact: str) -> str:
    """The only form in which a conversation appears in logs, metrics and names. 128 bits rule out collisions."""
    text = "\x00".join((channel, account, contact))
    return "c_" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def message_event(message: IncomingMessage, conversation: str, aliases: Sequence[str] = ()) -> Event:
    """A message of a customer. `aliases` are the keys of their other addresses."""
    return {
        **({"aliases": list(aliases)} if aliases else {}),
        **({"hidden": True} if message.identity == message.contact else {}),  # the number is not visible
        "id": message.id,
        "kind": MESSAGE,
        "conversation": conversation,
        "channel": message.channel,
        "account": message.account,
        "contact": message.contact,
        "name": message.name,
        "message": message.to_json(),
    }


def echo_event(message: IncomingMessage, conversation: str, aliases: Sequence[str] = ()) -> Event:
    """A message of a person of the business, written in the channel's own app. `message.contact` is the customer."""
    return {
        **({"aliases": list(aliases)} if aliases else {}),
        "id": message.id,
        "kind": ECHO,
        "conversation": conversation,
        "channel": message.channel,
        "account": message.account,
        "contact": message.contact,
        "message": message.to_json(),
    }


def start_event(
    unique: str,
    conversation: str,
    *,
    channel: str,
    account: str,
    contact: str,
    flow: str,
    variables: dict[str, Any],
    name: str = "",
    replace: bool = False,
    at: int = 0,
    version: int = 0,
) -> Event:
    """The business starts a flow with a contact. A running session is left alone unless `replace` is set.

    `unique` is the same when the same request is sent twice. `at` is the request's time in seconds since the epoch.
    `version` is the live version that was seen then: the session begins with it, or with a later one.
    """
    return {
        "id": f"{START}#{unique}",
        "kind": START,
        "conversation": conversation,
        "channel": channel,
        "account": account,
        "contact": contact,
        "name": name,
        "flow": flow,
        "variables": variables,
        "replace": replace,
        "at": at,
        **({"version": version} if version else {}),
    }


def erase_event(unique: str, conversation: str, at: int, aliases: Sequence[str] = ()) -> Event:
    """Everything about the contact from before `at` (seconds since the epoch) must be deleted.

    `aliases` are the keys by which the conversation was found.
    """
    event = {"id": f"{ERASE}#{unique}", "kind": ERASE, "conversation": conversation, "at": at}
    return {**event, "aliases": list(aliases)} if aliases else event


def change_event(message: IncomingMessage, change: IdentityChange, key: Callable[[str], str]) -> Event:
    """The channel says that a person's lasting address changed. `key` gives the key of an address."""
    former, *others = dict.fromkeys(key(address) for address in change.old)
    to, *aliases = dict.fromkeys(key(address) for address in change.new)
    return {
        "id": message.id,
        "kind": MOVE,
        "conversation": former,
        "to": to,
        "old": others,
        "new": aliases,
        "aliases": [each for each in dict.fromkeys((to, *others)) if each != former],
        "contact": change.contact,
        "at": message.at,
        "change": True,
    }


def move_event(conversation: str, to: str) -> Event:
    """A message under the key `to` says that the session of `conversation` is the same person's."""
    return {"id": f"{MOVE}#{to}", "kind": MOVE, "conversation": conversation, "to": to}


def adopt_event(move: Event, turn: int) -> Event:
    """The session that `move` is about has moved; `turn` is its last one."""
    former = move["conversation"]
    event = {"id": f"{ADOPT}#{former}#{turn}", "kind": ADOPT, "conversation": move["to"], "former": former}
    aliases = [each for each in dict.fromkeys((former, *move.get("new", ()))) if each != move["to"]]
    return {**event, "aliases": aliases, "contact": move.get("contact", "")}


def forwarded(event: Event, conversation: str) -> Event:
    """An event that came under an old key, for the conversation that goes on under another one."""
    old = event["conversation"]
    aliases = [each for each in event.get("aliases", ()) if each != conversation]
    if event["kind"] == ERASE and old not in aliases:
        aliases.append(old)
    return {**event, "conversation": conversation, **({"aliases": aliases} if aliases else {})}


def operator_event(
    unique: str, conversation: str, session: str, turn: int, *, action: Action, by: str, apply_messages: bool = False
) -> Event:
    """A person's action on the session as they saw it; ignored, but noted, if the session has moved on.

    `apply_messages`, for the action `resume`: what the customer sent during the pause is applied to the flow.
    """
    event = {**_turn_event(OPERATOR, conversation, session, turn), "id": f"{OPERATOR}#{unique}"}
    applied = {"apply_messages": True} if apply_messages else {}
    return {**event, "action": action, "by": by, **applied}


def timeout_event(conversation: str, session: str, turn: int, deadline: int) -> Event:
    """The deadline (seconds since the epoch) of this turn's wait; ignored if the session has moved on.

    A repeated turn has a later deadline, and the event of the earlier deadline must not end its wait.
    """
    event = _turn_event(TIMEOUT, conversation, session, turn)
    return {**event, "id": f"{event['id']}#{deadline}", "deadline": deadline}


def continue_event(conversation: str, session: str, turn: int, continues: int = 1) -> Event:
    """The rest of this turn; ignored if the session has moved on.

    `continues` counts the events of this kind that followed one another, this one included.
    """
    return {**_turn_event(CONTINUE, conversation, session, turn), "continues": continues}


def undelivered_event(delivery: Delivery, conversation: str) -> Event:
    """The channel could not deliver a message that we sent. The event becomes part of the transcript."""
    return {
        "id": f"{STATUS}#{delivery.message_id}",
        "kind": STATUS,
        "conversation": conversation,
        "message_id": delivery.message_id,
        "status": delivery.status,
        "at": delivery.at,
        "reason": delivery.reason,
        "code": delivery.code,
        "explanation": delivery.explanation,
    }


def _turn_event(kind: str, conversation: str, session: str, turn: int) -> Event:
    """An event about one turn of one session. Event guards drop it when the session has moved on."""
    return {
        "id": f"{kind}#{session}#{turn}",
        "kind": kind,
        "conversation": conversation,
        "session": session,
        "turn": turn,
    }


def scan_event(conversation: str, session: str, key: str, verdict: Verdict) -> Event:
    """A scanner's verdict on the file under this key; ignored unless the session waits for it.

    A key is written once, so it names the bytes that were scanned, and its first verdict is the only one.
    """
    return {
        "id": f"{SCAN}#{session}#{key.rpartition('/')[2]}",
        "kind": SCAN,
        "conversation": conversation,
        "session": session,
        "key": key,
        "verdict": verdict,
    }


def owed_event(conversation: str, turn: int, due: int) -> Event:
    """The conversation's first owed message is due, or must be given up; ignored if another timer replaced this one.

    `due` is in seconds since the epoch.
    """
    return {"id": f"{OWED}#{conversation}#{turn}#{due}", "kind": OWED, "conversation": conversation, "due": due}


def delivery_event(conversation: str, session: str, visit: int, owed: str, *, failure: str, code: int = 0) -> Event:
    """What became of the owed message with the id `owed`, for the visit that waits for it.

    `failure` is "" for a message that was sent, else why it was given up; `code` is the channel's own.
    """
    return {
        "id": f"{DELIVERY}#{owed}",
        "kind": DELIVERY,
        "conversation": conversation,
        "session": session,
        "visit": visit,
        "failure": failure,
        "code": code,
    }


def redriven(event: Event, fence: dict[str, Any]) -> Event:
    """A dead letter's event, to be queued again. It applies only where `chatflow.conversation.position` says so.

    `fence` is the position of its session when it failed. The event keeps its id: if it had its turn after all, the
    turn record shows it.
    """
    return {**event, "fence": fence}


def message_of(event: Event) -> IncomingMessage | None:
    """The message that an event carries, None for an event without one. Raises Unreadable."""
    return IncomingMessage.from_json(event.get("message")) if event.get("kind") == MESSAGE else None


def echo_of(event: Event) -> IncomingMessage | None:
    """The message of a person of the business that an event carries, None for an event without one."""
    return IncomingMessage.from_json(event["message"]) if event.get("kind") == ECHO else None


_NOT_SHOWN = frozenset(
    ("contact", "name", "conversation", "variables", "aliases", "hidden", "former", "to", "old", "new", "change")
)


def for_transcript(event: Event) -> Event:
    """The event as a transcript stores it: without the contact's address and name, and without a file's URL."""
    shown = {key: value for key, value in event.items() if key not in _NOT_SHOWN}
    if message := shown.get("message"):
        shown["message"] = {key: value for key, value in message.items() if key not in ("contact", "name")}
        if media := message.get("media"):
            shown["message"]["media"] = {key: value for key, value in media.items() if key != "url"}
    return shown
