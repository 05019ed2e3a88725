"""Fills in the fields of a document that have problems, so that every other problem is found at the same time.

A broken field gets the value that its author probably meant, or else a placeholder. Each document is filled in twice,
with different placeholders: what is wrong in both readings is wrong whatever the broken fields should hold.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from chatflow.flows.field_errors import TAG_ERRORS, explain_errors, located, value_at
from chatflow.flows.model_types import fields_at, type_at
from chatflow.flows.problems import Path, Problem, nearest
from chatflow.flows.sample_values import filler, fits, sound_block
from chatflow.flows.template_references import texts
from chatflow.flows.yaml_documents import Document

Model = TypeVar("Model")
_MOST_ERRORS = 100  # of one document or node; one with more is not filled in
_CLEARLY_FEWER = 2  # errors
_MOST_ROUNDS = 8  # what is filled in may show what is wrong inside it
_OF_BLOCKS = ("value_error", "assertion_error")  # each field is sound by itself, but they do not go together
PLACEHOLDER = re.compile(r"z[0-9a-f]{12}[ab]")


@dataclass(frozen=True)
class Repaired:
    """The problems of a document's fields, and its two readings: none when the broken fields cannot be filled in."""

    problems: tuple[tuple[Path, str], ...] = ()
    readings: tuple[Any, ...] = ()
    broken: frozenset[Path] = frozenset()  # what was filled in
    blocks: frozenset[Path] = frozenset()  # what was filled in because the fields of a block did not go together
    texts: tuple[str, ...] = ()  # what the broken fields say

    def places(self, document: Document, at: Path = ()) -> Iterator[BrokenField]:
        """What was filled in, as places of the document. `at` is the path of this data in it."""
        for path in (*self.broken, *self.blocks):
            place = document.problem((*at, *path), "")
            yield BrokenField(place.file, place.node, place.field, block=path not in self.broken)


@dataclass(frozen=True)
class BrokenField:
    """A field that was filled in; with `block`, a block whose fields did not go together."""

    file: str
    node: str
    field: str
    block: bool

    def holds(self, problem: Problem) -> bool:
        """Whether a problem concerns what was filled in."""
        if (problem.file, problem.node) != (self.file, self.node):
            return False
        inside = problem.field.startswith((f"{self.field}.", f"{self.field}[")) and not self.block
        return inside or problem.field == self.field


@dataclass(frozen=True)
class Parsed(Generic[Model]):
    """A document as a model. `sound` is None when it has problems; `readings` are empty when it cannot be filled in.

    The nodes of a flow are sound or not by themselves. Only a flow with too many of them is None.
    """

    sound: Model | None
    readings: tuple[Model, ...]
    problems: tuple[Problem, ...]
    broken: tuple[BrokenField, ...]


def parse(model: type[BaseModel], document: Document) -> Parsed[Any]:
    """Parse a whole document as a model."""
    repaired = repair(model, document.data, document.file)
    readings = tuple(model.model_validate(data) for data in repaired.readings)
    return Parsed(
        None if repaired.problems else readings[0],
        readings,
        tuple(document.problem(path, words) for path, words in repaired.problems),
        tuple(repaired.places(document)),
    )


@cache
def adapter(model: Any) -> TypeAdapter[Any]:
    """Validates data as a model, or as a union of models."""
    return TypeAdapter(model)


def placeholder(scope: str, path: Path, reading: int) -> str:
    """A word for a field whose content is unknown: every pattern and limit allows it, and no author writes it.

    The two placeholders of a field differ in their last letter.
    """
    digest = blake2b(repr((scope, path)).encode(), digest_size=6)
    return f"z{digest.hexdigest()}{'ab'[reading]}"


def repair(model: Any, data: Any, scope: str) -> Repaired:
    """Validate data and fill in what is broken. `scope` sets its placeholders apart from those of other documents."""
    error = _error(model, data)
    if error is None:
        return Repaired(readings=(data, data))
    problems = explain_errors(error, data, model)
    errors = list(located(error, data))
    broken = {path for path, detail in errors if detail["type"] not in _OF_BLOCKS}
    blocks = {path for path, detail in errors if detail["type"] in _OF_BLOCKS}
    one, other = (_Filling(model, data, scope, reading) for reading in (0, 1))
    if not (one.fill() and other.fill()):
        return Repaired(tuple(problems))
    # What is found only after the first problems were filled in, such as the fields of a block whose kind was mistyped.
    revealed = [each for each in one.revealed if each in other.revealed and not within(each[0], broken)]
    return Repaired(
        problems=(*problems, *dict.fromkeys(revealed)),
        readings=(one.data, other.data),
        broken=frozenset(broken | one.broken | other.broken),
        blocks=frozenset(blocks | one.blocks | other.blocks),
        texts=tuple(text for path in sorted(broken, key=str) for text in _texts_at(data, path)),
    )


def within(path: Path, places: Collection[Path]) -> bool:
    """Whether a path is one of these places or inside one of them."""
    return any(path[: len(place)] == place for place in places)


def likely_kinds(counts: dict[str, int], written: Any) -> tuple[str, str]:
    """What a mistyped or missing word probably is, for each reading. `counts` are the errors that each kind would have.

    It is the one with the fewest errors if that is clear. Else it is the nearest to what is written, or one more.
    Where several have no error, two of them are read.
    """
    near = nearest(written, counts) if isinstance(written, str) else ""
    best, *others = sorted(counts, key=lambda kind: (counts[kind], kind != near))
    if others and counts[others[0]] == 0 and best != near:
        return others[0], best
    second = near or (others[0] if others else best)
    clear = counts[best] == 0 or counts[best] + _CLEARLY_FEWER < counts[second]
    return (best, best) if clear else (second, best)


def error_count(model: Any, data: Any) -> int:
    """How many errors data has as a model."""
    error = _error(model, data)
    return error.error_count() if error else 0


def _error(model: Any, data: Any) -> ValidationError | None:
    try:
        adapter(model).validate_python(data)
    except ValidationError as error:
        return error
    return None


def _texts_at(data: Any, path: Path) -> list[str]:
    try:
        return [text for _path, text in texts(value_at(data, path))]
    except (KeyError, IndexError, TypeError):  # a field that is missing
        return []


class _Filling:
    """One reading of some data."""

    def __init__(self, model: Any, data: Any, scope: str, reading: int) -> None:
        self._model = model
        self._scope = scope
        self._reading = reading
        self.data = copy.deepcopy(data)
        self.revealed: list[tuple[Path, str]] = []  # problems that were not found at first
        self.broken: set[Path] = set()
        self.blocks: set[Path] = set()

    def fill(self) -> bool:
        """Fill in what is broken until the data is valid; False when that fails."""
        for attempt in range(_MOST_ROUNDS):
            error = _error(self._model, self.data)
            if error is None:
                return True
            if error.error_count() > _MOST_ERRORS:
                return False
            if attempt:
                self.revealed += explain_errors(error, self.data, self._model)
            details: dict[Path, list[ErrorDetails]] = {}
            for path, detail in located(error, self.data):
                details.setdefault(path, []).append(detail)
            for path in sorted(details, key=len):
                inside_another = any(path[:length] in details for length in range(len(path)))
                if not inside_another and not self._mend(path, details[path]):
                    return False
        return False

    def _mend(self, path: Path, details: list[ErrorDetails]) -> bool:
        kinds = {detail["type"] for detail in details}
        in_block = kinds <= set(_OF_BLOCKS)
        (self.blocks if in_block else self.broken).add(path)
        if "extra_forbidden" in kinds:
            self._move(path)
            return True
        if details[0]["loc"][-1:] == ("[key]",):
            self._rename(path)
            return True
        kind = type_at(self._model, self.data, path)
        given = None if kinds <= {"missing", *TAG_ERRORS} else value_at(self.data, path)
        if "union_tag_not_found" in kinds:
            value: Any = self._word(path)  # the next error names the tags
        elif "union_tag_invalid" in kinds:
            value = self._tag(path, details[0])
        elif in_block and isinstance(given, dict):
            value = sound_block(kind, given, self._word(path), self._reading)
        else:
            limits = {name: limit for detail in details for name, limit in detail.get("ctx", {}).items()}
            value = filler(kind, given, limits, self._word(path), self._reading)
        return value is not None and self._put(path, value)

    def _tag(self, path: Path, detail: ErrorDetails) -> str:
        """The word that tells which kind a block is."""
        block = value_at(self.data, path[:-1])
        written = block[path[-1]]
        counts = {}
        for tag in re.findall(r"'([^']*)'", str(detail["ctx"]["expected_tags"])):
            block[path[-1]] = tag
            counts[tag] = error_count(self._model, self.data)
        return likely_kinds(counts, written)[self._reading]

    def _move(self, path: Path) -> None:
        """An unknown field is the missing one with the nearest name, if its value fits there."""
        block = value_at(self.data, path[:-1])
        value = block.pop(path[-1])
        near = nearest(str(path[-1]), fields_at(self._model, self.data, path[:-1]).keys() - block.keys())
        if near and fits(type_at(self._model, self.data, (*path[:-1], near)), value):
            block[near] = value

    def _rename(self, path: Path) -> None:
        block = value_at(self.data, path[:-1])
        renamed = {self._word(path) if name == path[-1] else name: value for name, value in block.items()}
        block.clear()
        block.update(renamed)

    def _put(self, path: Path, value: Any) -> bool:
        if path:
            value_at(self.data, path[:-1])[path[-1]] = value
        else:
            self.data = value
        return True

    def _word(self, path: Path) -> str:
        return placeholder(self._scope, path, self._reading)
