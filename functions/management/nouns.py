"""Which modules serve which paths of the API.

A module of routes is imported with the first request to one of its paths: a request needs one or two of them, and
importing all takes longer than everything else that a start does. What validates flows is imported by the functions
that use it, for the same reason.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Final

# The packages with routes below a path's first segment.
_SERVED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "me": ("about",),
    "assets": ("assets",),
    "audit": ("audit",),
    "channels": ("channels",),
    "contacts": ("contacts",),
    "conversations": ("contacts", "conversations"),
    "dead-letters": ("dead_letters",),
    "flows": ("flows",),
    "held": ("held",),
    "hosts": ("hosts",),
    "integrations": ("integrations",),
    "node-types": ("node_types",),
    "routes": ("routing",),
    "secrets": ("secrets",),
    "sessions": ("sessions",),
}
NOUNS: Final = tuple(sorted({noun for nouns in _SERVED_BY.values() for noun in nouns}))


def nouns_of(path: str) -> tuple[str, ...]:
    """The nouns whose routes a path may have, none for a path that the API does not know."""
    first = re.match(r"/([a-z.-]*)", path)
    segment = first[1] if first else ""
    return NOUNS if segment == "openapi.json" else _SERVED_BY.get(segment, ())  # the document describes all of them


def routes_module(noun: str) -> ModuleType:
    """The module with the function `routes`, which makes the noun's router."""
    return importlib.import_module(f"management.{noun}.routes")
