"""The JSON form in which a dataclass is stored: without the fields that have their default. Pure.

`chatflow.tolerant_reader` gives a missing field its default, in every release. So the default of a stored field is part
of the stored form and never changes; a field that needs another default gets a new name. Decision record 44.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any


def stored_form(instance: Any, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON form of an instance of a dataclass. It shares what it holds with the instance.

    `names` maps fields to their stored names, where these differ; for dataclasses within, `STORED_NAMES` does.
    """
    names = names or {}
    return {
        names.get(name, name): _plain(value)
        for name, default in _defaults_of(type(instance))  # type: ignore[arg-type]  # a class is hashable
        if (value := getattr(instance, name)) != default
    }


@cache
def _defaults_of(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass, each with its default; MISSING, which equals no value, for one without."""
    return tuple(
        (field.name, field.default if field.default_factory is MISSING else field.default_factory())
        for field in fields(cls)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        return stored_form(value, getattr(value, "STORED_NAMES", None))
    return value
