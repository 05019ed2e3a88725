"""Table `rates`: how fast each account of a channel sends, cell by cell; decision record 0036.

The key `cell` is `<channel>/<account>#<number>`. What a cell means is in `chatflow.channels.pacing`. Rows hold nothing
about a customer, and expire when the account has sent nothing for a day.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chatflow.adapters import throttling
from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.effects import Effects, NoSlot, Result, Write
from chatflow.channels.pacing import MAX_AHEAD_SECONDS, Block, Doubt, Pace, is_in_slot
from chatflow.conversation.owed import PACED
from chatflow.errors import ChannelUnavailable, Paced

_MOST_TRIES: Final = 4  # to take slots: a cell is seen to be full, or moves, between two of them
_KEPT_SECONDS: Final = 86_400
_OVERLOADED_SECONDS: Final = (120.0, 300.0)  # that a message waits which found no slot, at random
_CONTENDED_SECONDS: Final = (1.0, 4.0)
_CONFLICT_SECONDS: Final = (0.01, 0.05)  # between tries, after each cell was being written by others
_SAME_REFUSAL_MILLISECONDS: Final = 1000  # two workers that are refused within this time were refused for one reason


@dataclass
class Account:
    """What this process knows of one account. Times in milliseconds since the epoch."""

    block: Block = field(default_factory=Block)
    free_at: dict[int, int] = field(default_factory=dict)  # by cell; a cell may have moved on since
    doubts: dict[int, Doubt] = field(default_factory=dict)  # by cell
    silent_until: int = 0


_accounts: dict[str, Account] = {}  # by `<channel>/<account>`


class AccountRate:
    """The rate of one account, in messages a second. `account` is `<channel>/<account>`.

    `is_paid`: this message has a slot already, and comes in time for it.
    """

    def __init__(
        self,
        table: str,
        account: str,
        rate: float,
        *,
        is_paid: bool = False,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
        known: dict[str, Account] = _accounts,
    ) -> None:
        self._table = table
        self._name = account
        self._pace = Pace(rate)
        self._is_paid = is_paid
        self._clock = clock
        self._pause = pause
        self._known = known.setdefault(account, Account())

    def take(self, write: Write | None = None) -> Mapping[str, Any] | None:
        """Take a slot for one message and make the write; returns the item there when its condition fails, else None.

        A transaction is made only when this process has no slot left. Raises Paced when the message must wait, also
        because all transactions met others, and ChannelUnavailable when no slot can be given to it. Then nothing was
        written.
        """
        known, now = self._known, self._now
        if known.silent_until > now + MAX_AHEAD_SECONDS * 1000:
            known.silent_until = 0  # the clock jumped
        if now >= known.silent_until and (self._is_paid or known.block.is_usable(now)):
            if not self._is_paid:
                known.block = known.block.spend()
            return NoSlot().take(write) if write else None
        slots = known.block.next_size(self._pace, now)
        cells = self._cells()
        for attempt in range(1, _MOST_TRIES + 1):
            now, cell = self._now, cells[0]
            state = self._state(cell, now, slots)
            if state == "full" and slots > 1:
                slots = 1
                state = self._state(cell, now, slots)
            if state == "wrong":
                known.free_at[cell] = _free_at(self._read(cell))
                cells = [*cells[1:], cell]
                continue
            if state == "full":
                if (at := self._reserve(cell, now, after=now)) is None:
                    continue
                raise Paced("the account sends as fast as its channel allows", at)
            try:
                # A cell that another transaction is writing is left for another one.
                with throttling.calls_until(time.time()):
                    taken, earlier = self._take(cell, state, slots, now, write)
            except client("dynamodb").exceptions.TransactionCanceledException as error:
                if not throttling.is_throttle(error):
                    raise
                cells = [*cells[1:], cell]
                self._let_others_finish(attempt)
                continue
            if taken:
                return earlier
        if (at := self._reserve_after_conflicts(cells)) is not None:
            raise Paced("the cells of the account are being written by others", at)
        horizon = self._now + MAX_AHEAD_SECONDS * 1000
        is_overloaded = known.free_at.get(cell, 0) > horizon and self._state(cell, self._now, 1) == "full"
        wait = random.uniform(*(_OVERLOADED_SECONDS if is_overloaded else _CONTENDED_SECONDS))  # noqa: S311  # nosec B311
        raise ChannelUnavailable("the account has no slot for this message yet", wait)

    def _let_others_finish(self, attempt: int) -> None:
        """Pause for a moment after all cells were found being written."""
        if attempt % self._pace.cells == 0:
            self._pause(random.uniform(*_CONFLICT_SECONDS))  # noqa: S311  # nosec B311

    def sent(self, pieces: int) -> None:
        """Count the pieces that a message had: each is a message of the channel, and one was taken for it."""
        if pieces > 1:
            self._known.block = self._known.block.spend(pieces - 1)

    def refused(self, seconds: float) -> float:
        """The channel takes no message of the account for so long: no worker sends one. Returns the seconds to wait.

        The first worker that is refused tells it to all cells; one that finds it told does no more.
        """
        now, known = self._now, self._known
        until = now + round(min(seconds, MAX_AHEAD_SECONDS / 2) * 1000)
        known.silent_until, known.block = until, Block()
        free_at = until + self._pace.burst  # what lies less far ahead than the burst is sent at once
        for cell in self._cells():
            values = {":next": free_at, ":kept": now // 1000 + _KEPT_SECONDS}
            condition = "attribute_not_exists(free_at) OR free_at < :next"
            told = self._update(cell, "SET free_at = :next, expires_at = :kept", values, condition) is None
            if told and known.free_at[cell] - free_at < _SAME_REFUSAL_MILLISECONDS:
                break
        # Those who were refused together must not come back together.
        return seconds * random.uniform(1.0, 1.5)  # noqa: S311  # nosec B311

    @property
    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _cells(self) -> list[int]:
        """The cells in the order in which to try them: those that are free the soonest, at random among the idle."""
        numbers = random.sample(range(self._pace.cells), self._pace.cells)  # nosec B311
        return sorted(numbers, key=lambda number: max(self._known.free_at.get(number, 0), self._now))

    def _state(self, cell: int, now: int, slots: int) -> str:
        known = self._known
        state = self._pace.state(known.free_at.get(cell, 0), now, slots)
        if state == "wrong":
            doubt = known.doubts.get(cell, Doubt()).seen(known.free_at[cell], now)
            known.doubts[cell] = doubt
            return "replaceable" if doubt.has_settled(now) else "wrong"
        known.doubts.pop(cell, None)
        return state

    def _take(
        self, cell: int, state: str, slots: int, now: int, write: Write | None
    ) -> tuple[bool, Mapping[str, Any] | None]:
        """Take slots to use at once: (True, None); (True, an item) where `write` must not be; (False, None) if not."""
        cost = self._pace.cost(slots)
        if state == "room":
            update = "SET free_at = free_at + :cost, expires_at = :kept"
            condition = "free_at > :now AND free_at <= :latest"
            values = {":cost": cost, ":now": now, ":latest": self._pace.latest(now, slots)}
        elif state == "replaceable":
            update, condition = "SET free_at = :next, expires_at = :kept", "free_at = :seen"
            values = {":next": now + cost, ":seen": self._known.free_at[cell]}
        else:  # idle, or not known; a row that seems wrong is read by the condition that fails
            update = "SET free_at = :next, expires_at = :kept"
            condition = "attribute_not_exists(free_at) OR free_at <= :now"
            values = {":next": now + cost, ":now": now}
        change = self._change(cell, update, {**values, ":kept": now // 1000 + _KEPT_SECONDS}, condition)
        try:
            client("dynamodb").transact_write_items(TransactItems=[*([write] if write else []), {"Update": change}])
        except client("dynamodb").exceptions.TransactionCanceledException as error:
            *first, reason = error.response["CancellationReasons"]
            if first and first[0].get("Code") == "ConditionalCheckFailed":
                return True, first[0].get("Item") or {}
            if reason.get("Code") != "ConditionalCheckFailed":
                raise
            self._known.free_at[cell] = _free_at(reason.get("Item") or self._read(cell))
            return False, None
        free_at = self._known.free_at.get(cell, 0) + cost if state == "room" else now + cost
        self._known.free_at[cell] = free_at
        self._known.block = Block(slots - 1 + min(0, self._known.block.left), slots, now)
        return True, None

    def _reserve_after_conflicts(self, cells: list[int]) -> int | None:
        """Give a slot to a message that found none in time; returns its time, or None when no cell has one.

        An addition that does not depend on what others do meanwhile. So it may give a slot that has just passed.
        """
        for cell in cells[:_MOST_TRIES]:
            now = self._now
            self._known.free_at[cell] = _free_at(self._read(cell))
            state = self._state(cell, now, 1)
            if state in ("wrong", "replaceable"):
                continue
            at = self._reserve_idle(cell, now) if state == "idle" else None
            if at is None:
                at = self._reserve(cell, now, after=0)
            if at is not None:
                return at
        return None

    def _reserve_idle(self, cell: int, now: int) -> int | None:
        """Give the present slot of an idle cell to one message; returns its time, or None when the cell has moved."""
        values = {":next": now + self._pace.cost(1), ":now": now, ":kept": now // 1000 + _KEPT_SECONDS}
        condition = "attribute_not_exists(free_at) OR free_at <= :now"
        free_at = self._update(cell, "SET free_at = :next, expires_at = :kept", values, condition)
        return None if free_at is None else now

    def _reserve(self, cell: int, now: int, *, after: int) -> int | None:
        """Give the next slot to one message, where it lies after this time; returns its time, or None.

        None: the cell has moved, or its next slot lies too far ahead.
        """
        cost = self._pace.cost(1)
        values = {":cost": cost, ":latest": after, ":horizon": now + round(MAX_AHEAD_SECONDS * 1000)}
        values[":kept"] = now // 1000 + _KEPT_SECONDS
        condition = "free_at > :latest AND free_at <= :horizon"
        expression = "SET free_at = free_at + :cost, expires_at = :kept"
        free_at = self._update(cell, expression, values, condition)
        return None if free_at is None else free_at - cost

    def _update(self, cell: int, expression: str, values: Mapping[str, int], condition: str) -> int | None:
        """Update a cell and return its new `free_at`; None where the condition failed, and `free_at` is known then."""
        change = self._change(cell, expression, values, condition)
        try:
            answer = client("dynamodb").update_item(**change, ReturnValues="UPDATED_NEW")
        except client("dynamodb").exceptions.ConditionalCheckFailedException as error:
            self._known.free_at[cell] = _free_at(error.response.get("Item") or self._read(cell))
            return None
        self._known.free_at[cell] = _free_at(answer["Attributes"])
        return self._known.free_at[cell]

    def _change(self, cell: int, expression: str, values: Mapping[str, int], condition: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Key": self._key(cell),
            "UpdateExpression": expression,
            "ExpressionAttributeValues": {name: {"N": str(value)} for name, value in values.items()},
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _key(self, cell: int) -> dict[str, Any]:
        return {"cell": {"S": f"{self._name}#{cell}"}}

    def _read(self, cell: int) -> Mapping[str, Any]:
        answer = client("dynamodb").get_item(TableName=self._table, Key=self._key(cell), ConsistentRead=True)
        item: Mapping[str, Any] = answer.get("Item") or {}
        return item


@dataclass(frozen=True)
class PacedEffects:
    """The effects of one visit, whose messages each take a slot of their account."""

    effects: Effects
    rate: AccountRate

    def key(self, name: str) -> str:
        return self.effects.key(name)

    def send(self, key: str, act: Callable[[int], Result]) -> Result:
        return self.effects.send(key, act, self.rate)


def has_slot(owed: Mapping[str, Any], now: int) -> bool:
    """Whether an owed message, as JSON, was given a slot, and is in time for it. `now` in milliseconds."""
    return owed.get("reason") == PACED and is_in_slot(int(owed["due"]) * 1000, now)


def _free_at(item: Mapping[str, Any]) -> int:
    """The `free_at` of a row; what another release may have written in another way counts as missing."""
    value = item.get("free_at", {}).get("N", "0")
    number = float(value)
    return int(number) if math.isfinite(number) else 0
