"""Values for a field of a model: what a wrong value was probably meant to be, and values that merely fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from chatflow.flows.model_types import with_constraints
from chatflow.flows.problems import nearest
from chatflow.flows.template_references import texts

_NUMBERS = (1, 10, 60, 100, 0, 3600)
_NOTHING: Any = object()


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def fits(kind: Any, value: Any) -> bool:
    """Whether a value is valid for a type with its constraints."""
    try:
        _adapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def filler(kind: Any, given: Any, limits: Mapping[str, Any], word: str, reading: int) -> Any:
    """What stands in for a broken value: what it probably means, else a sample. None when nothing fits.

    `limits` are those that the value exceeds, `word` is the placeholder for texts. Samples differ by `reading`.
    """
    meant = next((each for each in _meanings(kind, given, limits) if fits(kind, each)), _NOTHING)
    return sample(kind, word, reading) if meant is _NOTHING else meant


def sample(kind: Any, word: str, reading: int) -> Any:
    """A value that fits a type; another one for each reading where there are several. None when none is known."""
    fitting = list(islice((each for each in _samples(kind, word) if fits(kind, each)), 2))
    return fitting[min(reading, len(fitting) - 1)] if fitting else None


def sound_block(kind: Any, given: Mapping[str, Any], word: str, reading: int) -> Any:
    """A block with one field less or one more, so that its fields go together. None when that is not enough."""
    optional = [name for name, info in _fields(kind).items() if not info.is_required()]
    changed = [{each: value for each, value in given.items() if each != name} for name in optional if name in given]
    for name in optional:
        if name not in given and (value := sample(with_constraints(_fields(kind)[name]), word, 0)) is not None:
            changed.append({**given, name: value})
    fitting = list(islice((each for each in changed if fits(kind, each)), 2))
    return fitting[min(reading, len(fitting) - 1)] if fitting else None


def _meanings(kind: Any, given: Any, limits: Mapping[str, Any]) -> Iterator[Any]:
    if isinstance(given, float):
        yield int(given)
    if isinstance(given, str):
        if re.fullmatch(r"-?[0-9]{1,9}", given):
            yield int(given)
        yield nearest(given, [each for each in _literals(kind) if isinstance(each, str)])
        for joint in "_-":
            yield re.sub(r"[^a-z0-9]+", joint, given.lower()).strip(joint)
    if isinstance(given, str | list) and "max_length" in limits:
        yield given[: limits["max_length"]]
    if isinstance(given, dict | list):
        yield from (text for _path, text in texts(given))
    if given is not None:
        yield [given]


def _samples(kind: Any, word: str) -> Iterator[Any]:
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from _samples(inside[0], word)
    elif origin is Literal:
        yield from inside
    elif origin in (Union, UnionType):
        for member in inside:
            yield from _samples(member, word)
    elif origin is list:
        yield []
        yield from ([each] for each in _samples(inside[0], word))
    elif origin is dict:
        yield {}
        yield from ({word: each} for each in _samples(inside[1], word))
    elif kind is bool:
        yield from (True, False)
    elif kind in (int, float):
        yield from _NUMBERS
    elif kind in (str, Any):
        yield word
    elif _fields(kind):
        required = {
            name: sample(with_constraints(info), word, 0) for name, info in _fields(kind).items() if info.is_required()
        }
        yield required
        for name, info in _fields(kind).items():
            if not info.is_required():
                yield {**required, name: sample(with_constraints(info), word, 0)}


def _fields(kind: Any) -> Mapping[str, Any]:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    return {info.alias or name: info for name, info in kind.model_fields.items()}


def _literals(kind: Any) -> tuple[Any, ...]:
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Literal:
        return inside
    return tuple(each for member in inside for each in _literals(member)) if origin is Annotated else ()
