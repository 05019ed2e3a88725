"""Documents by the ids of what they publish: parsed once, and what they refer to. Nothing is validated here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from chatflow.flows import files
from chatflow.flows.fields import ASSET, NAME
from chatflow.flows.yaml_documents import Document, read
from chatflow.publishing.model import DEPLOYMENT_ID, ROUTES_ID

# The fields of documents that name something of this kind, and the names that it can have.
_NAMING_FIELDS = {"flow": NAME, "integration": NAME, "asset": ASSET}


def file_of(id: str) -> str:
    """The path that a thing would have in a folder of flows."""
    kind, _, name = id.partition("/")
    fixed = {ROUTES_ID: files.ROUTES, DEPLOYMENT_ID: files.DEPLOYMENT}
    return fixed.get(id) or (f"{files.INTEGRATIONS}/{name}.yaml" if kind == "integration" else f"{name}.yaml")


def document(id: str, text: str) -> Document:
    """Parse a document. The result is cached."""
    return _read(file_of(id), text)


def named_ids(data: Any) -> set[str]:
    """The ids of everything that a document may refer to, whatever else is wrong with it.

    What no name can be refers to nothing, and could not be looked up: an empty text is no key of a table.
    """
    if isinstance(data, list):
        return {id for each in data for id in named_ids(each)}
    if not isinstance(data, dict):
        return set()
    named_here = {
        f"{kind}/{name}"
        for kind, pattern in _NAMING_FIELDS.items()
        if isinstance(name := data.get(kind), str) and re.fullmatch(pattern, name)
    }
    return named_here.union(*(named_ids(each) for each in data.values()))


@lru_cache(maxsize=512)
def _read(file: str, text: str) -> Document:
    return read(file, text)
