"""What one conversation uses: calls.toml, read and added up."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_CALLS = Path(__file__).with_name("calls.toml")


@dataclass(frozen=True)
class TableUnits:
    """Units of DynamoDB in one table; `index` are write units of its indexes."""

    read: float = 0
    write: float = 0
    index: float = 0


@dataclass(frozen=True)
class Call:
    """A call of our own code, with its units by table."""

    function: str
    call: str
    tables: Mapping[str, TableUnits] = field(default_factory=dict)


@dataclass(frozen=True)
class Function:
    """Processor time is in bare handlers: `init` before the first event, `first` with it, `warm` of a later event.

    `waits` are milliseconds of one run in which it waits for others. `moves` is how often a run carries the file.
    """

    name: str
    memory: int  # MB
    runs: float  # in one conversation
    init: float  # the part of `first` that Lambda runs before the event, with a whole processor
    first: float
    warm: float
    waits: float
    log: int  # bytes a run, AWS's own lines included
    moves: float = 0  # one run of two of Media carries the photo
    visited: bool = False  # the turn machine runs it, and the conversation function waits
    starts_turns: bool = False


@dataclass(frozen=True)
class Conversation:
    """One conversation of calls.toml. `once` are the calls that a new process makes, and a busy one does not."""

    turns: Mapping[str, tuple[Call, ...]]
    once: Mapping[str, tuple[Call, ...]]
    functions: Mapping[str, Function]
    amounts: Mapping[str, float]  # what AWS does for it that is no call of ours: see calls.toml


@cache
def conversation() -> Conversation:
    """The conversation that is counted. docs/costs.md describes it."""
    read: dict[str, Any] = tomllib.loads(_CALLS.read_text(encoding="utf-8"))
    turns = {name: tuple(_call(each["function"], each) for each in calls) for name, calls in read["turns"].items()}
    once = {
        function: tuple(_call(function, each) for each in calls for _ in range(each.get("count", 1)))
        for function, calls in read["once"].items()
    }
    functions = {name: Function(name, **values) for name, values in read["functions"].items()}
    return Conversation(turns, once, functions, read["amounts"])


def _call(function: str, entry: Mapping[str, Any]) -> Call:
    tables = {name: TableUnits(**units) for name, units in entry.get("tables", {}).items()}
    return Call(function, entry["call"], tables)
