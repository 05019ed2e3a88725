"""Delivery statuses on their way from the webhook to their table: coalesced, and packed into few queue messages. Pure.

A thousand statuses of one POST become about ten queue messages, which SQS takes in one call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from chatflow.messages import DELIVERY_RANK, Delivery
from chatflow.tolerant_reader import SCHEMA, SCHEMA_VERSION, read, read_object

# Bytes of one queue message. Ten of them, the most of one call, stay below 256 KB, which every SQS queue takes.
MAX_MESSAGE_BYTES: Final = 24_000
_ADDRESSES: Final = ("contact", "identity")
_LEFT_OUT: Final = {
    "contact": "",
    "identity": "",
    "at": 0,
}  # the conversation's key is enough; what is empty is left out as well
_WHAT: Final = "the queued delivery status"


@dataclass(frozen=True)
class _Packed:
    statuses: list[dict[str, Any]]


@dataclass(frozen=True)
class _Conversation:
    conversation: str


@dataclass(frozen=True)
class Status:
    """The delivery status of a message in a conversation. Out of the queue, the contact of `delivery` is ""."""

    conversation: str
    delivery: Delivery

    @property
    def message(self) -> tuple[str, str, str]:
        """The identity of the message."""
        return self.delivery.channel, self.delivery.account, self.delivery.message_id


def coalesce(statuses: Iterable[Status]) -> list[Status]:
    """One status for each message: the one of the highest rank, and of equal ones the first."""
    highest: dict[tuple[str, str, str], Status] = {}
    for status in statuses:
        known = highest.get(status.message)
        if known is None or _rank(known) < _rank(status):
            highest[status.message] = status
    return list(highest.values())


def pack(statuses: Iterable[Status]) -> list[str]:
    """The bodies of the queue messages for these statuses, each with lines of at most MAX_MESSAGE_BYTES or one line."""
    packed: list[list[str]] = []
    room = 0
    for status in statuses:
        line = _to_line(status)
        if room < len(line):
            packed.append([])
            room = MAX_MESSAGE_BYTES
        packed[-1].append(line)
        room -= len(line) + 1
    return [f'{{"{SCHEMA}":{SCHEMA_VERSION},"statuses":[{",".join(lines)}]}}' for lines in packed]


def unpack(body: str) -> list[Status]:
    """The statuses of one queue message, of any release. Raises Unreadable."""
    packed = read(_Packed, read_object(body, _WHAT), _WHAT)
    return [_from_json(each) for each in packed.statuses]


def _rank(status: Status) -> int:
    return DELIVERY_RANK[status.delivery.status]


def _to_line(status: Status) -> str:
    """ASCII, so that its length is its size and no character is one that SQS refuses."""
    delivery = {name: value for name, value in vars(status.delivery).items() if value and name not in _ADDRESSES}
    return json.dumps({"conversation": status.conversation, **delivery}, separators=(",", ":"))


def _from_json(data: dict[str, Any]) -> Status:
    conversation = read(_Conversation, data, _WHAT).conversation
    return Status(conversation, read(Delivery, {**_LEFT_OUT, **data}, _WHAT))
