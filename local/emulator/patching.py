"""Replaces code inside the emulator's functions, and refuses when the code to replace is not found."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

SUPPORTED = "1.5.33"


class EmulatorChanged(RuntimeError):
    """The installed ministack does not contain the text that a patch was written against."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"ministack {version('ministack')} is not what local/emulator was written against ({SUPPORTED}): "
            f"{problem}. Read the docstring of the patch, adapt or remove the patch, and run tests/unit/local/emulator."
        )


def require(condition: object, problem: str) -> None:
    """Stop the start with EmulatorChanged when an assumption about the emulator no longer holds."""
    if not condition:
        raise EmulatorChanged(problem)


def replace_text(text: str, old: str, new: str, where: str) -> str:
    """Replace the one occurrence of `old`; raises EmulatorChanged unless there is exactly one."""
    count = text.count(old)
    require(count == 1, f"{where} holds {count} times, not once, the text {old!r}")
    return text.replace(old, new)


def replace_range(text: str, first: str, last: str, new: str, where: str) -> str:
    """Replace everything from `first` to `last`, both included; raises EmulatorChanged unless both occur in order."""
    require(text.count(first) == 1, f"{where} does not hold once the text {first!r}")
    start = text.index(first)
    end = text.find(last, start)
    require(end > 0, f"{where} does not hold the text {last!r} after {first!r}")
    return text[:start] + new + text[end + len(last) :]


def rewrite(owner: Any, name: str, *changes: tuple[str, ...], **names: object) -> None:
    """Recompile one function of a module or class with pieces of its source replaced.

    A change is (old, new), or (first, last, new) for everything between two pieces. `names` become globals for the new
    source; they must not shadow existing ones.
    """
    function = getattr(owner, name, None)
    where = f"{owner.__name__}.{name}"
    if not inspect.isfunction(function):
        raise EmulatorChanged(f"{where} is not a function")
    # The source of a function that was rewritten before is not in any file.
    source = getattr(function, "rewritten_source", None) or textwrap.dedent(inspect.getsource(function))
    for change in changes:
        if len(change) == 2:
            source = replace_text(source, change[0], change[1], where)
        else:
            source = replace_range(source, change[0], change[1], change[2], where)
    scope = function.__globals__
    for key, value in names.items():
        require(scope.setdefault(key, value) is value, f"{where} already knows a name {key}")
    namespace: dict[str, Any] = {}
    code = compile(source, inspect.getsourcefile(function) or where, "exec")
    exec(code, scope, namespace)  # noqa: S102  # nosec B102
    namespace[name].rewritten_source = source
    replace_function(owner, name, namespace[name])


def replace_function(owner: Any, name: str, new: Callable[..., Any]) -> Callable[..., Any]:
    """Replace a function in its module and in all modules that imported or registered it; returns the original."""
    original: Callable[..., Any] | None = getattr(owner, name, None)
    if original is None or not callable(original):
        raise EmulatorChanged(f"{owner.__name__}.{name} is not there")
    setattr(owner, name, new)
    if inspect.ismodule(owner):
        for namespace, key in _references(original):
            namespace[key] = new
    return original


def _references(function: Callable[..., Any]) -> Iterator[tuple[dict[Any, Any], Any]]:
    for module in [module for name, module in sys.modules.items() if name.startswith("ministack.")]:
        yield from _references_in(vars(module), function, depth=2)


def _references_in(
    namespace: dict[Any, Any], function: Callable[..., Any], depth: int
) -> Iterator[tuple[dict[Any, Any], Any]]:
    for key, value in list(namespace.items()):
        if value is function:
            yield namespace, key
        elif depth and isinstance(value, dict) and key != "__builtins__":
            yield from _references_in(value, function, depth - 1)
