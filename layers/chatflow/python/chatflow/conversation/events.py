"""What wakes a conversation: the events on the queue, their ids, and the key that orders them.

An event is JSON: `id`, `kind`, `conversation` (the key), and what its kind needs. The id makes a repeated event
harmless: it is part of the key of the turn record.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Final, Literal

from chatflow.messages import Delivery, IncomingMessage

Event = dict[str, Any]

MESSAGE: Final = "message"  # the customer wrote
START: Final = "start"  # the business begins
TIMEOUT: Final = "timeout"  # a wait's deadline came
CONTINUE: Final = "continue"  # a turn that did not fit its budget goes on
STATUS: Final = "status"  # something that we sent could not be delivered
ERASE: Final = "erase"  # everything about the contact is to go
OPERATOR: Final = "operator"  # a person stops, retries or gives up
SCAN: Final = "scan"  # a malware scanner has looked at a file

Action = Literal["stop", "retry", "give_up"]
Verdict = Literal["clean", "unsafe", "failed"]  # failed: the scanner could not look at all of it


def conversation_key(secret: str, channel: str, account: str, contact: str) -> str:
    """The only form in which a conversation stands in logs, metrics and names. 128 bits: no two will ever meet."""
    text = "\x00".join((channel, account, contact))
    return "c_" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def message_event(message: IncomingMessage, conversation: str) -> Event:
    """A message of a customer."""
    return {
        "id": message.id,
        "kind": MESSAGE,
        "conversation": conversation,
        "channel": message.channel,
        "account": message.account,
        "contact": message.contact,
        "name": message.name,
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
) -> Event:
    """The business begins a flow with a contact. A session that runs is left alone, unless it is to be replaced.

    `unique` is the same when the same wish is sent twice. `at`: when it was asked for, in seconds since the epoch.
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
    }


def erase_event(unique: str, conversation: str, at: int) -> Event:
    """Everything about the contact of before `at` (seconds since the epoch) is to go, wherever its session stands."""
    return {"id": f"{ERASE}#{unique}", "kind": ERASE, "conversation": conversation, "at": at}


def operator_event(unique: str, conversation: str, session: str, turn: int, *, action: Action, by: str) -> Event:
    """What a person wants done about the session as they saw it; ignored, but noted, if it has moved on."""
    fenced = _fenced(OPERATOR, conversation, session, turn)
    return {**fenced, "id": f"{OPERATOR}#{unique}", "action": action, "by": by}


def timeout_event(conversation: str, session: str, turn: int, deadline: int) -> Event:
    """The deadline (seconds since the epoch) of this turn's wait; ignored if the session has moved on.

    A turn that is tried again has a later deadline, and the earlier one's event must not end its wait.
    """
    fenced = _fenced(TIMEOUT, conversation, session, turn)
    return {**fenced, "id": f"{fenced['id']}#{deadline}", "deadline": deadline}


def continue_event(conversation: str, session: str, turn: int) -> Event:
    """The rest of this turn; ignored if the session has moved on."""
    return _fenced(CONTINUE, conversation, session, turn)


def undelivered_event(delivery: Delivery, conversation: str) -> Event:
    """The channel could not deliver what we sent; it becomes part of the transcript."""
    return {
        "id": f"{STATUS}#{delivery.message_id}",
        "kind": STATUS,
        "conversation": conversation,
        "message_id": delivery.message_id,
        "status": delivery.status,
        "code": delivery.code,
        "explanation": delivery.explanation,
    }


def _fenced(kind: str, conversation: str, session: str, turn: int) -> Event:
    return {
        "id": f"{kind}#{session}#{turn}",
        "kind": kind,
        "conversation": conversation,
        "session": session,
        "turn": turn,
    }


def scan_event(conversation: str, session: str, key: str, verdict: Verdict) -> Event:
    """What a scanner found of the file under this key; ignored unless the session waits for just that.

    A key is written once, so it names the bytes that were looked at, and its first verdict is the only one.
    """
    return {
        "id": f"{SCAN}#{session}#{key.rpartition('/')[2]}",
        "kind": SCAN,
        "conversation": conversation,
        "session": session,
        "key": key,
        "verdict": verdict,
    }


def redriven(event: Event, session: str, turn: int) -> Event:
    """A dead letter's event, once more: it applies only if the conversation still stands where it stood when it failed.

    Its id stays: had it had its turn after all, the turn record knows it.
    """
    return {**event, "fence": {"session": session, "turn": turn}}


def message_of(event: Event) -> IncomingMessage | None:
    """The message that an event carries, if it carries one."""
    return IncomingMessage.from_json(event["message"]) if event.get("kind") == MESSAGE else None


def transcript_of(event: Event) -> Event:
    """The event as the transcript keeps it: without the contact's address, name, or an address to fetch from."""
    kept = {key: value for key, value in event.items() if key not in ("contact", "name", "conversation", "variables")}
    if message := kept.get("message"):
        kept["message"] = {key: value for key, value in message.items() if key not in ("contact", "name")}
        if media := message.get("media"):
            kept["message"]["media"] = {key: value for key, value in media.items() if key != "url"}
    return kept
