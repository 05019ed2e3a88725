"""Replaces text inside the emulator's own functions, and refuses when that text is no longer there."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

SUPPORTED = "1.5.33"


class EmulatorChanged(RuntimeError):
    """The installed ministack is not the text that a patch was written against."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"ministack {version('ministack')} is not what local/emulator was written against ({SUPPORTED}): {what}. "
            "Read the difference it patches, change the patch or drop it, and run tests/unit/local/emulator."
        )


def require(condition: object, what: str) -> None:
    """Stop the launch when an assumption about the emulator no longer holds."""
    if not condition:
        raise EmulatorChanged(what)


def substitute(text: str, old: str, new: str, where: str) -> str:
    """Replace the one occurrence of `old`; raises EmulatorChanged unless there is exactly one."""
    found = text.count(old)
    require(found == 1, f"{where} holds {found} times, not once, the text {old!r}")
    return text.replace(old, new)


def cut(text: str, first: str, last: str, new: str, where: str) -> str:
    """Replace all from `first` to `last`, both included; raises EmulatorChanged unless they stand there in order."""
    require(text.count(first) == 1, f"{where} does not hold once the text {first!r}")
    begin = text.index(first)
    end = text.find(last, begin)
    require(end > 0, f"{where} does not hold the text {last!r} after {first!r}")
    return text[:begin] + new + text[end + len(last) :]


def rewrite(owner: Any, name: str, *changes: tuple[str, ...], **names: object) -> None:
    """Recompile one function of a module or class with pieces of its text replaced.

    A change is (old, new), or (first, last, new) for everything between two pieces. `names` become globals that
    the new text may use; they must not shadow any that are there.
    """
    function = getattr(owner, name, None)
    where = f"{owner.__name__}.{name}"
    if not inspect.isfunction(function):
        raise EmulatorChanged(f"{where} is not a function")
    # A function that was rewritten before has no file of its own to read it from.
    source = getattr(function, "rewritten_source", None) or textwrap.dedent(inspect.getsource(function))
    for change in changes:
        if len(change) == 2:
            source = substitute(source, change[0], change[1], where)
        else:
            source = cut(source, change[0], change[1], change[2], where)
    scope = function.__globals__
    for key, value in names.items():
        require(scope.setdefault(key, value) is value, f"{where} already knows a name {key}")
    made: dict[str, Any] = {}
    exec(compile(source, inspect.getsourcefile(function) or where, "exec"), scope, made)  # noqa: S102  # nosec B102
    made[name].rewritten_source = source
    replace(owner, name, made[name])


def replace(owner: Any, name: str, new: Callable[..., Any]) -> Callable[..., Any]:
    """Put `new` where the function stands, in its module and wherever others imported or listed it; returns the old."""
    old: Callable[..., Any] | None = getattr(owner, name, None)
    if old is None or not callable(old):
        raise EmulatorChanged(f"{owner.__name__}.{name} is not there")
    setattr(owner, name, new)
    if inspect.ismodule(owner):
        for holder, key in _references(old):
            holder[key] = new
    return old


def _references(function: Callable[..., Any]) -> Iterator[tuple[dict[Any, Any], Any]]:
    for module in [m for n, m in sys.modules.items() if n.startswith("ministack.")]:
        yield from _within(vars(module), function, depth=2)


def _within(table: dict[Any, Any], function: Callable[..., Any], depth: int) -> Iterator[tuple[dict[Any, Any], Any]]:
    for key, value in list(table.items()):
        if value is function:
            yield table, key
        elif depth and isinstance(value, dict) and key != "__builtins__":
            yield from _within(value, function, depth - 1)
