"""Assertions for clauses: a broken promise is always an AssertionError, whatever went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def must_raise(expected: type[Exception]) -> Iterator[None]:
    try:
        yield
    except expected:
        return
    except Exception as error:
        raise AssertionError(f"{expected.__name__} was promised, not {type(error).__name__}") from error
    raise AssertionError(f"{expected.__name__} was promised")


@contextmanager
def must_work(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{what} was promised to work") from error


def error_texts(error: BaseException | None) -> str:
    """What a log would show of an error: its message and fields, and those of its causes."""
    shown = ""
    while error is not None:
        shown += f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return shown


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)
