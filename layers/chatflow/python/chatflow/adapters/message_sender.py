"""Sends the messages of one visit, each of them once; what the channel does not take is owed and sent later.

Three things may happen to an attempt (see `chatflow.channels`): the message is sent or refused for good; nothing was
sent; or it may have been sent, and is in doubt. A message in doubt is repeated once at most, after its status had time
to arrive: a status repeats the message's tag and shows that it was sent. It is looked for before every later attempt,
because a channel that says that it sent nothing may be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

from chatflow.conversation.owed import BEHIND, IN_DOUBT, MAX_DOUBTS, MAX_OWED_BYTES, PACED, UNAVAILABLE, size_of
from chatflow.errors import (
    ChannelRefused,
    ChannelUnavailable,
    ChatflowError,
    InDoubt,
    MediaRejected,
    NotConnected,
    NotPublished,
    Paced,
    Refused,
    TooManyOwed,
)
from chatflow.messages import piece_tag
from chatflow.nodes.contract import Visit

Content = dict[str, Any]  # `chatflow.messages.outgoing_to_json`, or a `file` (a media reference) and its `caption`
Result = dict[str, Any]


class AttemptRecords(Protocol):
    """The table `chatflow.adapters.dynamodb.effects.Effects`, or a fake of it.

    `send` raises ChannelUnavailable, such as Paced, when the account has no slot now: then the message was not tried.
    """

    def key(self, name: str) -> str: ...
    def send(self, key: str, act: Callable[[int], Result]) -> Result: ...


class MessageSender:
    """`owed` are the messages of this visit that were not sent, in order.

    `transmit(content, tag, sent)` sends the pieces of a message that are not in `sent` yet and appends their ids at
    once. `find_sent(tag)` is the id of a sent piece, "" for none. `check_channel()` makes a harmless call and raises
    ChannelUnavailable while the channel is down.
    """

    def __init__(
        self,
        visit: Visit,
        records: AttemptRecords,
        transmit: Callable[[Content, str, list[str]], None],
        find_sent: Callable[[str], str],
        check_channel: Callable[[], None],
    ) -> None:
        self.owed: list[dict[str, Any]] = []
        self.owes = visit.owes
        self._records = records
        self._transmit = transmit
        self._find_sent = find_sent
        self._check_channel = check_channel

    def send(self, effect: str, content: Content) -> Result:
        """Send a message, or owe it; returns the effect for the transcript. Raises ChannelRefused, TooManyOwed."""
        id = self._records.key(effect)
        if self.owes:  # a newer message never overtakes an older one
            return self._owe(effect, id, content, {"owed": BEHIND, "after": 0, "doubts": 0, "sent": []})
        try:
            result = self._records.send(id, lambda died: self._attempt(content, id, [], died, tried=died > 0))
        except ChannelUnavailable as error:
            result = _without_slot(error, 0, [])
        return self._owe(effect, id, content, result) if "owed" in result else {"effect": effect, **result}

    def deliver(self, owed: dict[str, Any]) -> Result:
        """Try an owed message once more; returns the effect for the transcript. `owed` is an `OwedMessage` in JSON.

        It stays in `owed` if the channel does not take it. A refusal is part of the effect: `failed`, `reason`, `code`.
        """
        id, content, doubts, tries = owed["id"], owed["content"], int(owed["doubts"]), int(owed["tries"])
        try:
            result = self._records.send(
                f"{id}/{tries}",
                lambda died: self._attempt(content, id, list(owed["sent"]), doubts + died, tried=tries + died > 0),
            )
        except ChannelUnavailable as error:
            result = _without_slot(error, doubts, owed["sent"])
        except NotConnected:
            raise  # the account has no credentials: that is not the message's fault
        except (MediaRejected, NotPublished, Refused) as error:
            return {"effect": owed["effect"], "failed": str(error), **_reason(error)}
        if "owed" not in result:
            return {"effect": owed["effect"], **result}
        self.owed.append(_entry(owed["effect"], id, content, result))
        return {"effect": owed["effect"], "owed": result["owed"]}

    def _owe(self, effect: str, id: str, content: Content, result: Result) -> Result:
        size = size_of(content)
        if self.owes + size > MAX_OWED_BYTES:
            raise TooManyOwed("the conversation owes too many messages to owe another")
        self.owes += size
        self.owed.append(_entry(effect, id, content, result))
        return {"effect": effect, "owed": result["owed"]}

    def _attempt(self, content: Content, id: str, sent: list[str], doubts: int, *, tried: bool) -> Result:
        """Make one attempt. `doubts` attempts of the next piece may have taken effect already."""
        if tried and self._skip_found(id, sent):
            doubts = 0
        while True:
            if doubts >= MAX_DOUBTS:
                sent.append("")  # this piece stays in doubt; those behind it were never sent
                doubts = 0
            known = len(sent)
            try:
                if doubts:
                    self._check_before_repeating()
                self._transmit(content, id, sent)
            except ChannelUnavailable as error:
                doubts = doubts if len(sent) == known else 0
                return _owed(IN_DOUBT if doubts else UNAVAILABLE, error.after, doubts, sent)
            except InDoubt as error:
                doubts = doubts + 1 if len(sent) == known else 1
                if doubts < MAX_DOUBTS:
                    return _owed(IN_DOUBT, getattr(error, "after", 0.0), doubts, sent)
            else:
                ids = [each for each in sent if each]
                unknown = {"in_doubt": len(ids) < len(sent), "sent_again": doubts > 0}  # ids of what may have arrived
                return {"messages": ids, **{name: True for name, is_so in unknown.items() if is_so}}

    def _skip_found(self, id: str, sent: list[str]) -> bool:
        """Append the ids of the pieces that were sent, as their statuses show; returns whether there was one."""
        before = len(sent)
        while found := self._find_sent(piece_tag(id, len(sent))):
            sent.append(found)
        return len(sent) > before

    def _check_before_repeating(self) -> None:
        """Raise ChannelUnavailable while the channel is down: then the one repetition would be wasted."""
        try:
            self._check_channel()
        except ChannelUnavailable:
            raise
        except ChatflowError:  # it may refuse this call to a token that may send
            return


def _owed(reason: str, after: float, doubts: int, sent: list[str]) -> Result:
    return {"owed": reason, "after": after, "doubts": doubts, "sent": list(sent)}


def _without_slot(error: ChannelUnavailable, doubts: int, sent: list[str]) -> Result:
    """What becomes of a message that its account had no slot for, so that it was not tried: it is owed, never lost."""
    if isinstance(error, Paced):
        return {**_owed(PACED, 0.0, doubts, sent), "due": math.ceil(error.slot / 1000)}
    return _owed(IN_DOUBT if doubts else UNAVAILABLE, error.after, doubts, sent)


def _entry(effect: str, id: str, content: Content, result: Result) -> dict[str, Any]:
    attempt: dict[str, Any] = {name: result[name] for name in ("after", "doubts", "sent", "due") if name in result}
    return {"id": id, "effect": effect, "content": content, "reason": result["owed"], **attempt}


def _reason(error: MediaRejected | NotPublished | Refused) -> dict[str, Any]:
    if isinstance(error, ChannelRefused):
        return {"reason": "refused", "code": error.code, "cause": error.cause}
    if isinstance(error, MediaRejected):
        return {"reason": error.reason}
    return {"reason": "not_published" if isinstance(error, NotPublished) else "refused"}
