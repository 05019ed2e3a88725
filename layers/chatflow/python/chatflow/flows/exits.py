"""The exits that a node type declares: what an editor can draw, and what the behaviour of its nodes is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatflow.conversation.undelivered import UNDELIVERED


@dataclass(frozen=True)
class Exit:
    """An exit of every node of a type; with `each`, one exit for each entry of that field of the node.

    The name of an exit with `each` is a pattern: {number} counts the entries from 1, {key} is the key of an entry of a
    mapping, and any other word is a field of the entry. The label of such an exit (in the manifest) is one, too.
    """

    name: str
    each: str = ""
    required: bool = False  # its target must be written; the others default to the end
    main: bool = False  # `then` stands for it
    optional: bool = False  # the node has it only where it is written
    setback: bool = False  # taken on failure
    timeout: bool = False  # taken when the time of a node that waits has passed


NOT_DELIVERED = Exit(UNDELIVERED, optional=True, setback=True)


def named(declared: Iterable[Exit], fields: Mapping[str, Any]) -> dict[str, Exit]:
    """The exits of a node with these fields, by name, in the order of their declaration."""
    exits = tuple(declared)
    fixed = {exit.name for exit in exits if not exit.each}
    return {name: exit for exit in exits for name in _names(exit, fields, fixed)}


def _names(exit: Exit, fields: Mapping[str, Any], fixed: set[str]) -> Iterator[str]:
    entries = fields[exit.each] if exit.each else None
    if entries is None:
        yield exit.name
    elif isinstance(entries, Mapping):
        yield from (exit.name.format(key=key) for key in entries if key not in fixed)
    else:
        for number, entry in enumerate(entries, start=1):
            yield exit.name.format(number=number, **dict(entry))
