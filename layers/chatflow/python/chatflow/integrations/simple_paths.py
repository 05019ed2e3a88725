"""Simple JSONPaths, of names and indexes: `$.claim.items[0]`. They are known and resolved here.

Nearly all paths that flows use are simple, and `json_path`, which knows all of RFC 9535, takes long to import.
"""

from __future__ import annotations

import re
from typing import Any, Final

MAX_LENGTH: Final = 2048  # characters of any path
_SIMPLE = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:0|[1-9][0-9]{0,5})\])*", re.ASCII)
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]", re.ASCII)


def is_simple(path: str) -> bool:
    """Whether this is a simple path. Each of them is valid by RFC 9535."""
    return len(path) <= MAX_LENGTH and _SIMPLE.fullmatch(path) is not None


def resolve(path: str, document: Any) -> list[Any]:
    """What a simple path selects: one value or none."""
    for key, index in _STEP.findall(path):
        if key and isinstance(document, dict) and key in document:
            document = document[key]
        elif index and isinstance(document, list) and int(index) < len(document):
            document = document[int(index)]
        else:
            return []
    return [document]
