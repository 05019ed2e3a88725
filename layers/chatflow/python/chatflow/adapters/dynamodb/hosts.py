"""Table `hosts`: slots and circuit breakers of the hosts that integrations call, cell by cell; decision record 0034.

The key `cell` is `<host>:<port>#<number>`. What a cell means is in `chatflow.integrations.host_health`. Rows hold
nothing about a customer, and expire when a host has not been called for two days.
"""

from __future__ import annotations

import math
import random
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final, Literal

from chatflow.adapters import throttling
from chatflow.adapters.aws import best_effort, client
from chatflow.errors import HostBusy, HostOpen
from chatflow.integrations.host_health import (
    MAX_LEASE_SECONDS,
    Admission,
    Cell,
    Health,
    admission,
    after_trouble,
    capacities,
    lease,
    probe_closes,
)

CACHED_SECONDS: Final = 5  # that a process knows of an open cell before it asks again
RECORD_SECONDS: Final = 2  # of a visit that its call leaves, to be recorded and to give its slot back
_MOST_CELLS: Final = 4  # that one call asks for a slot
_MOST_ENTRIES: Final = 3  # at one cell: it must be cleaned, or half-opens, between two of them
_KEPT_SECONDS: Final = 2 * 86_400
_LEASE_MARGIN: Final = 5  # seconds between the end of a visit and that of its lease
_COUNTS: Final = ("good", "slow", "bad")
_NUMBERS: Final = ("open_until", "trips", "since", "answered", *_COUNTS)
_HAS_ROOM: Final = "(attribute_not_exists(leases) OR size(leases) < :capacity)"

_Found = Literal["done", "full", "open"]
Write = dict[str, Any]  # one item of TransactItems, such as {"Put": ...}
_open_until: dict[str, int] = {}  # by the key of a cell: until when this process knows it to be open


@dataclass(frozen=True)
class _Entered:
    """A slot that was taken. `probe_until` is the `open_until` that a probe wrote, else 0.

    `answered`: how many probes in a row were answered without success before this one.
    """

    number: int
    capacity: int
    lease: str
    probe_until: int = 0
    answered: int = 0


class HostSlot:
    """The slot of one call: taken before it, and given back after it, each in one transaction with the caller's write.

    `calls` may be at the host at the same time. The lease ends with the visit's `deadline`, in milliseconds since the
    epoch. `health`: of the host, as the call showed it. `opened`: whether this call opened a cell.
    """

    def __init__(
        self, table: str, host: str, calls: int, deadline: int, clock: Callable[[], float] = time.time
    ) -> None:
        self.health: Health = "failure"
        self.opened = False
        self._table = table
        self._host = host
        self._capacities = capacities(calls)
        self._deadline = deadline
        self._clock = clock
        self._entered: _Entered | None = None

    def take(self, write: Write | None = None) -> Mapping[str, Any] | None:
        """Take a slot and make the write; returns the item there when the condition of `write` fails, else None.

        Raises HostOpen when the cells that are asked are all open, HostBusy when no slot is free. Then nothing was
        written.
        """
        cells = len(self._capacities)
        drawn = random.sample(range(cells), min(cells, _MOST_CELLS))  # nosec B311
        numbers = [number for number in drawn if not self._is_known_open(number)]
        open_cells = 0
        for number in numbers:
            try:
                # A cell that another transaction is writing is left for another one, the last is waited for.
                with throttling.calls_until(time.time()) if number != numbers[-1] else nullcontext():
                    found, earlier = self._enter(number, write)
            except client("dynamodb").exceptions.ClientError as error:
                if number == numbers[-1] or not throttling.is_throttle(error):
                    raise
                continue
            if found == "done":
                return earlier
            open_cells += found == "open"
        if open_cells == len(numbers):
            raise HostOpen(f"calls to {self._host} failed or took too long: no call is made for a moment")
        raise HostBusy(f"as many calls as may be are at {self._host} already")

    def give_back(self, health: Health, write: Write | None = None) -> None:
        """Make the write, give the slot back, and record what the call showed of the host.

        Calls that hang end together at the deadlines of their visits, and meet in their cells: this is repeated for a
        moment beyond the deadline.
        """
        entered, self._entered = self._entered, None
        assert entered is not None, "a slot is given back once, after it was taken"  # noqa: S101
        expression, values = "ADD good :one", {":one": {"N": "1"}}
        if entered.probe_until and probe_closes(entered.answered, health):
            expression, values = "REMOVE open_until, trips, since, good, slow, bad, answered", {}
        elif entered.probe_until and health in ("answered", "unknown"):  # another one may probe at once
            answered = entered.answered + (health == "answered")
            expression = "SET open_until = :now, answered = :answered"
            values = {":now": _number(self._now), ":answered": _number(answered)}
        elif health in ("slow", "failure"):
            expression = "ADD slow :one" if health == "slow" else "ADD bad :one"
        elif health == "unknown":
            expression, values = "", {}
        given_back = self._update(
            entered.number, f"{expression} DELETE leases :mine", {**values, ":mine": {"SS": [entered.lease]}}
        )
        with throttling.calls_until(self._deadline / 1000 + throttling.RESERVE):
            self._transact(*([write] if write else []), given_back)
            if health in ("slow", "failure"):
                with best_effort():  # what the call showed is recorded; another one may draw the consequence
                    self._react(entered, health)
        if entered.probe_until and health != "failure":
            _open_until.pop(self._name(entered.number), None)

    @property
    def _now(self) -> int:
        return int(self._clock())

    def _enter(self, number: int, write: Write | None) -> tuple[_Found, Mapping[str, Any] | None]:
        """Try one cell; `done` with a slot, or with an item where `write` must not be."""
        capacity = self._capacities[number]
        expires = min(math.ceil(self._deadline / 1000) + _LEASE_MARGIN, self._now + MAX_LEASE_SECONDS)
        mine = lease(secrets.token_hex(8), expires)
        found = Admission("free")
        for _ in range(_MOST_ENTRIES):
            values = {":mine": {"SS": [mine]}, ":capacity": _number(capacity), ":kept": self._kept}
            if found.kind == "probe":
                values |= {":seen": _number(found.until), ":claim": _number(expires)}
                expression = "ADD leases :mine SET expires_at = :kept, open_until = :claim"
                condition = f"open_until = :seen AND {_HAS_ROOM}"
            else:
                expression = "ADD leases :mine SET expires_at = :kept"
                condition = f"attribute_not_exists(open_until) AND {_HAS_ROOM}"
            try:
                self._transact(*([write] if write else []), self._update(number, expression, values, condition))
            except client("dynamodb").exceptions.TransactionCanceledException as error:
                *first, reason = error.response["CancellationReasons"]
                if first and first[0].get("Code") == "ConditionalCheckFailed":
                    return "done", first[0].get("Item") or {}
                if reason.get("Code") != "ConditionalCheckFailed":
                    raise
                cell = read_cell(reason.get("Item") or self._read(number))
            else:
                probe_until = expires if found.kind == "probe" else 0
                self._entered = _Entered(number, capacity, mine, probe_until, found.answered)
                return "done", None
            found = admission(cell, capacity, self._now)
            if found.kind == "open":
                _open_until[self._name(number)] = min(found.until, self._now + CACHED_SECONDS)
            if found.kind in ("open", "probed"):
                return "open", None
            if found.expired:
                with best_effort():  # by the next one, then
                    self._update_alone(number, "DELETE leases :expired", {":expired": {"SS": sorted(found.expired)}})
            if found.kind == "full":
                break
        return "full", None

    def _react(self, entered: _Entered, health: Health) -> None:
        """Open the cell, or begin to count, when a failure or a slow call says so. A lost race changes nothing."""
        cell, probe = read_cell(self._read(entered.number)), bool(entered.probe_until)
        after = after_trouble(
            cell, health, entered.capacity, self._now, probe=probe, chance=random.random()  # noqa: S311  # nosec B311
        )  # fmt: skip
        if after is None:
            return
        values = {":seen": _number(cell.open_until if after.open_until else cell.since)}
        if after.open_until:
            values |= {":until": _number(after.open_until), ":trips": _number(after.trips)}
            expression = "SET open_until = :until, trips = :trips REMOVE since, good, slow, bad, answered"
            condition = "open_until = :seen" if cell.open_until else "attribute_not_exists(open_until)"
        else:
            # Differences, since others count at the same time.
            values |= {f":{name}": _number(getattr(after, name) - getattr(cell, name)) for name in _COUNTS}
            values |= {":since": _number(after.since)}
            expression = "SET since = :since ADD " + ", ".join(f"{name} :{name}" for name in _COUNTS)
            condition = "since = :seen" if cell.since else "attribute_not_exists(since)"
        if ":seen" not in condition:
            del values[":seen"]
        try:
            self._update_alone(entered.number, expression, values, condition)
        except client("dynamodb").exceptions.ConditionalCheckFailedException:
            return
        if after.open_until:
            self.opened = True
            _open_until[self._name(entered.number)] = min(after.open_until, self._now + CACHED_SECONDS)

    def _is_known_open(self, number: int) -> bool:
        return self._clock() < _open_until.get(self._name(number), 0) <= self._clock() + CACHED_SECONDS

    @property
    def _kept(self) -> dict[str, str]:
        return _number(self._now + _KEPT_SECONDS)

    def _update(self, number: int, expression: str, values: Mapping[str, Any], condition: str = "") -> Write:
        more = {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        return {
            "Update": {
                "TableName": self._table,
                "Key": cell_key(self._host, number),
                "UpdateExpression": expression,
                "ExpressionAttributeValues": dict(values),
                **(more if condition else {}),
            }
        }

    def _name(self, number: int) -> str:
        return f"{self._host}#{number}"

    def _update_alone(self, number: int, expression: str, values: Mapping[str, Any], condition: str = "") -> None:
        client("dynamodb").update_item(**self._update(number, expression, values, condition)["Update"])

    def _transact(self, *writes: Write) -> None:
        client("dynamodb").transact_write_items(TransactItems=list(writes))

    def _read(self, number: int) -> Mapping[str, Any]:
        answer = client("dynamodb").get_item(
            TableName=self._table, Key=cell_key(self._host, number), ConsistentRead=True
        )
        item: Mapping[str, Any] = answer.get("Item") or {}
        return item


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def cell_key(host: str, number: int) -> dict[str, Any]:
    return {"cell": {"S": f"{host}#{number}"}}


def read_cell(item: Mapping[str, Any]) -> Cell:
    """The cell of a row; what another release may have written in another way counts as missing."""
    stored = {name: int(float(value["N"])) for name, value in item.items() if "N" in value}
    numbers: dict[str, Any] = {name: stored.get(name, 0) for name in _NUMBERS}
    return Cell(leases=frozenset(item.get("leases", {}).get("SS", ())), **numbers)
