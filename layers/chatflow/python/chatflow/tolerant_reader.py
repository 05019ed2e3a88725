"""Reads what another release of Chatflow stored or queued. The only way from JSON to a class of stored data. Pure.

Around a deploy or a rollback, releases read each other's rows and messages. Therefore a reader ignores fields that it
does not know, and gives missing ones, and those that are null, the default of their class. What it cannot do without,
or what has another type, raises Unreadable, whose message names the field and holds nothing of its value.

Every stored shape has a schema version, `SCHEMA`, in the field or attribute of that name. A row without one is of
version 1. The version grows when a field changes its meaning or is given up, not when one is added. A row of a later
version is read like one of the present version, as far as it fits: that is what a rollback needs. Decision record 0019.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from chatflow.errors import Unreadable

SCHEMA: Final = "schema"  # the field of a queued message, and the attribute of a row
SCHEMA_VERSION: Final = 1  # of every shape so far; tests/golden_rows has a row of each version

_Read = TypeVar("_Read")
_Convert = Callable[[Any], Any]


class _Misfit(Exception):
    """A value that does not fit its field; `path` names the field from outside to inside."""

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path

    def within(self, name: str) -> _Misfit:
        return _Misfit(self.problem, f"{name}.{self.path}" if self.path else name)


def read(cls: type[_Read], data: object, what: str, names: Mapping[str, str] | None = None) -> _Read:
    """An instance of a dataclass from its JSON form. `what` is the shape's name for people: "the stored session".

    `names` maps fields to their stored names, where these differ. Raises Unreadable.
    """
    try:
        return _instance(cls, data, names or {})
    except _Misfit as error:
        field = f"its field `{error.path}`" if error.path else "it"
        raise Unreadable(f"{what} cannot be read: {field} {error.problem}") from None


def read_object(text: object, what: str) -> dict[str, Any]:
    """The JSON object in a stored text. Raises Unreadable, also for a schema version that cannot exist."""
    try:
        data = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Unreadable(f"{what} cannot be read: it is no JSON object")
    require_schema(data.get(SCHEMA, SCHEMA_VERSION), what)
    return data


def require_schema(version: object, what: str) -> None:
    """Raises Unreadable for a schema version that no release can have written."""
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise Unreadable(f"{what} cannot be read: no release wrote its schema version")


def _instance(cls: type[_Read], data: object, names: Mapping[str, str]) -> _Read:
    if not isinstance(data, Mapping):
        raise _Misfit("is no object")
    values: dict[str, Any] = {}
    for name, convert, required in _fields_of(cls):  # type: ignore[arg-type]  # a class is hashable
        stored = names.get(name, name)
        value = data.get(stored)
        if value is None and not required:
            continue  # the class has a default
        if stored not in data:
            raise _Misfit("is missing", stored)
        try:
            values[name] = convert(value)
        except _Misfit as error:
            raise error.within(stored) from None
    return cls(**values)


@cache
def _fields_of(cls: type[Any]) -> tuple[tuple[str, _Convert, bool], ...]:
    """The fields of a dataclass: name, converter, and whether it has no default."""
    hints = get_type_hints(cls)
    return tuple(
        (
            field.name,
            _converter(hints[field.name]),
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in fields(cls)
        if field.init
    )


def _converter(hint: Any) -> _Convert:
    """The function that checks a JSON value against a type and returns it as that type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any or hint is object:
        return lambda value: value
    if origin is Literal:
        return lambda value: _one_of(value, arguments)
    if origin in (Union, UnionType):
        inner = _converter(next(each for each in arguments if each is not NoneType))
        return lambda value: None if value is None else inner(value)
    if origin in (tuple, list):
        return _sequence(origin, _converter(arguments[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(_converter(arguments[1]))
    if is_dataclass(hint):
        inner_class: type[Any] = hint  # type: ignore[assignment]
        names = getattr(hint, "STORED_NAMES", {})
        return lambda value: _instance(inner_class, value, names)
    return _SIMPLE[hint]


def _one_of(value: Any, allowed: tuple[Any, ...]) -> Any:
    if not isinstance(value, str | int) or value not in allowed:
        raise _Misfit("has a value that this release does not know")
    return value


def _sequence(kind: Callable[[Any], Any], convert: _Convert) -> _Convert:
    def to_sequence(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _Misfit("is no list")
        return kind(convert(each) for each in value)

    return to_sequence


def _mapping(convert: _Convert) -> _Convert:
    def to_mapping(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _Misfit("is no object")
        return {str(name): convert(each) for name, each in value.items()}

    return to_mapping


def _whole_number(value: Any) -> int:
    """Expressions of the state machine may write 3 as 3.0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise _Misfit("is no whole number")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Misfit("is no number")
    return float(value)


def _exactly(kind: type, problem: str) -> _Convert:
    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise _Misfit(problem)
        return value

    return check


_SIMPLE: Final[dict[Any, _Convert]] = {
    int: _whole_number,
    float: _number,
    str: _exactly(str, "is no text"),
    bool: _exactly(bool, "is neither true nor false"),
    bytes: _exactly(bytes, "is no content"),
    dict: _exactly(dict, "is no object"),
}
