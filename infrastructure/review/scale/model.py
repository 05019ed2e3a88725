"""What a number of conversations a second needs of AWS, and what a conversation costs: from the counted calls.

A model from published limits and list prices, neither a measurement nor a bill.
"""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infrastructure.configuration import Configuration
from infrastructure.review.scale.usage import Call, Conversation, Function, TableUnits, conversation

_HERE = Path(__file__).parent
_PROCESSOR = 1769  # MB of memory with which a function has a whole processor: Lambda's documentation


@dataclass(frozen=True)
class Workload:
    """How many conversations, and what kind of day it is.

    `cold` is how many processes of each function one conversation starts: one where the last conversation was an hour
    ago. `traced` is the share of turns that X-Ray records, as the stack configures it.
    """

    conversations_per_second: float = 1.0
    photo_megabytes: float = 2.0
    egress: bool = True  # the business's API is on the internet
    cold: float = 0.03
    traced: float = 0.05
    retention_months: float = 1.0


BUSY = Workload()
QUIET = Workload(conversations_per_second=1 / 3600, cold=1.0)


@dataclass(frozen=True)
class Cost:
    """US$ of one conversation, by what is billed."""

    parts: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.parts.values())


@dataclass(frozen=True)
class Need:
    """One limit beside its use. `bites_at` is in conversations a second, infinite where they use none of it."""

    limit: str
    allowed: float  # a second, or at the same time
    use: float
    bites_at: float
    lift: str
    source: str

    @property
    def is_met(self) -> bool:
        return self.use <= self.allowed


def cost(workload: Workload, counted: Conversation | None = None) -> Cost:
    """What one conversation costs, by what is billed."""
    prices = _prices()
    counted = counted or conversation()
    used = _billed(workload, counted)
    return Cost({unit: amount * prices[unit] for unit, amount in used.items() if amount})


def needs(workload: Workload, configuration: Configuration, counted: Conversation | None = None) -> list[Need]:
    """Every limit, the one that bites first before the others."""
    counted = counted or conversation()
    used = uses(workload, counted)
    found = []
    for entry in _toml("limits.toml")["limits"]:
        limit = entry["limit"] if "limit" in entry else getattr(configuration, entry["setting"])
        each = used[entry["use"]]
        at_rate = each * workload.conversations_per_second
        found.append(
            Need(entry["name"], limit, at_rate, limit / each if each else math.inf, entry["lift"], entry["source"])
        )
    return sorted(found, key=lambda need: need.bites_at)


def uses(workload: Workload, counted: Conversation) -> dict[str, float]:
    """What one conversation a second uses of each limit, a second or at the same time."""
    from chatflow.adapters.dynamodb.live_copies import FRESH_SECONDS
    from chatflow.conversation.listing import SHARDS

    calls = _numbers(workload, counted)
    tables = _tables(workload, counted)
    running = {name: _seconds(function, workload, counted) for name, function in counted.functions.items()}
    return {
        "webhook requests": counted.amounts["webhook_requests"],
        "concurrent turns": running["conversation"],
        "concurrent executions": sum(running.values()),
        "event queue requests": calls["sqs:SendMessageBatch"],
        "turns": calls["states:StartSyncExecution"],
        "write units of the busiest table": max(units.write + units.index for units in tables.values()),
        "write units of the busiest index key": tables["sessions"].index / len(SHARDS),
        "reads of the routes": 0.5 * running["conversation"] / FRESH_SECONDS,
        "S3 writes": calls["s3:PutObject"],
        "secret reads": calls[_SECRET],
        "long waits": calls["scheduler:CreateSchedule"],
        "channel messages": counted.amounts["channel_messages"],
    }


_SECRET = "secretsmanager:GetSecretValue"


def _billed(workload: Workload, counted: Conversation) -> dict[str, float]:
    """Amounts of one conversation, by the units of prices.toml."""
    calls = _numbers(workload, counted)
    tables = _tables(workload, counted).values()
    functions = counted.functions.values()
    amounts = counted.amounts
    gigabytes = workload.photo_megabytes / 1000
    turns = calls["states:StartSyncExecution"]
    logs = sum(function.runs * function.log for function in functions) + amounts["other_log_bytes"]
    return {
        "function request": sum(function.runs for function in functions),
        "function GB-second": sum(
            function.memory / 1024 * _seconds(function, workload, counted) for function in functions
        ),
        "webhook request": amounts["webhook_requests"],
        # Of each event: sent, received, deleted. A delivery's statuses are sent, received and deleted likewise.
        "FIFO queue request": 3 * calls["sqs:SendMessageBatch"],
        "standard queue request": amounts["standard_queue_requests"] + calls["sqs:SendMessage"],
        "read unit": sum(units.read for units in tables),
        "write unit": sum(units.write + units.index for units in tables) + amounts["status_write_units"],
        "S3 write": calls["s3:PutObject"] + calls["s3:PutObjectTagging"],
        "S3 read": calls["s3:GetObject"],
        "S3 GB-month": gigabytes * workload.retention_months,
        "egress GB": gigabytes if workload.egress else 0,
        "turn request": turns,
        "turn GB-second": 64 / 1024 * (_visits_seconds(workload, counted) + 0.1 * turns),
        "log GB": (logs + amounts["visits"] * amounts["machine_log_bytes_a_visit"]) / 1e9,
        "trace": amounts["traces"] * workload.traced,
        "secret read": calls[_SECRET],
    }


def _calls(workload: Workload, counted: Conversation) -> Iterator[tuple[Call, float]]:
    """Each call, and how often one conversation makes it."""
    for calls in counted.turns.values():
        yield from ((call, 1.0) for call in calls)
    for calls in counted.once.values():
        yield from ((call, workload.cold) for call in calls)


def _numbers(workload: Workload, counted: Conversation) -> dict[str, float]:
    """How often one conversation makes each call, whichever function it is of."""
    found: dict[str, float] = defaultdict(float)
    for call, times in _calls(workload, counted):
        found[call.call] += times
    return found


def _tables(workload: Workload, counted: Conversation) -> dict[str, TableUnits]:
    found: dict[str, TableUnits] = defaultdict(TableUnits)
    for call, times in _calls(workload, counted):
        for table, units in call.tables.items():
            before = found[table]
            found[table] = TableUnits(
                before.read + times * units.read,
                before.write + times * units.write,
                before.index + times * units.index,
            )
    return found


def _visits_seconds(workload: Workload, counted: Conversation) -> float:
    """How long the visits of all turns run, for which the conversation function waits."""
    return sum(_own_seconds(each, workload, counted) for each in counted.functions.values() if each.visited)


def _seconds(function: Function, workload: Workload, counted: Conversation) -> float:
    """How long all runs of one conversation take, the turns that they start included."""
    visits = _visits_seconds(workload, counted) if function.starts_turns else 0.0
    return _own_seconds(function, workload, counted) + visits


def _own_seconds(function: Function, workload: Workload, counted: Conversation) -> float:
    """Lambda gives a function a whole processor while it initialises, and later a share by its memory."""
    bare = counted.amounts["bare_milliseconds"] / 1000
    share = min(1.0, function.memory / _PROCESSOR)
    cold = function.init * bare + (function.first - function.init) * bare / share
    warm = function.warm * bare / share
    moved = function.moves * workload.photo_megabytes / counted.amounts["network_megabytes_a_second"]
    starts = min(workload.cold, function.runs)
    return starts * cold + (function.runs - starts) * warm + function.runs * function.waits / 1000 + moved


@cache
def _prices() -> Mapping[str, float]:
    return {entry["unit"]: entry["price"] for entry in _toml("prices.toml")["prices"]}


@cache
def _toml(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))
