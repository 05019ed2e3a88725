"""Problems for flow authors: the place, what is wrong, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

Path = tuple[str | int, ...]  # from the top of a document down to one value


@dataclass(frozen=True, order=True)
class Problem:
    """One problem. An empty field means that it concerns the whole file, flow or node.

    `code` is a stable name of what is wrong, where a program may say it in words of its own, such as where its users
    find what is missing; `subject` is what it concerns, such as the name of that. Both are empty for most problems.
    """

    file: str  # as in the folder of flows, such as "integrations/claims-upload.yaml"
    line: int  # counted from 1; 0 when nothing was written there, or the document came as JSON
    flow: str
    node: str
    field: str  # such as "options[0].title"
    message: str
    code: str = ""
    subject: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def where(self) -> str:
        """The node and the field, for display."""
        return " > ".join(each for each in (self.node, self.field) if each)

    @property
    def identity(self) -> tuple[object, ...]:
        """The place and the first sentence without sizes: what else it says depends on what else there is."""
        first = re.sub(r"[0-9.]+ [KM]B", "", self.message.partition(". ")[0].rstrip("."))
        return self.file, self.line, self.flow, self.node, self.field, first

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(each for each in (place, self.where, self.message) if each)


@dataclass(frozen=True)
class Finding:
    """A problem found by code that knows the fields but not the file, such as a node type."""

    path: Path
    message: str
    code: str = ""  # see Problem
    subject: str = ""


def field_name(path: Path) -> str:
    """Format a path for display: `options[0].title`."""
    name = ""
    for step in path:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def listed(names: Iterable[str]) -> str:
    """Quoted names, separated by commas; cut after twelve."""
    known = list(names)
    shown = ", ".join(f'"{name}"' for name in known[:12])
    return f"{shown} and {len(known) - 12} more" if len(known) > 12 else shown


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name closest to `name`, in any case; empty when none is close."""
    names = sorted(set(known))
    same = [each for each in names if each.casefold() == name.casefold()]
    found = same or get_close_matches(name, names, n=1, cutoff=0.6)
    return found[0] if found else ""


def suggestion(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A sentence with the closest known name, else `otherwise` or all known names. Starts with a space, or is empty."""
    names = sorted(set(known))
    if near := nearest(name, names):
        return f' Did you mean "{near}"?'
    if otherwise:
        return f" {otherwise}"
    return f" There is: {listed(names)}." if names else ""
