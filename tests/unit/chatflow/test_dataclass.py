"""Our `dataclass` behaves as the standard library's, for classes and values of all kinds."""

from __future__ import annotations

import ast
import copy
import dataclasses
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow import dataclass as module

ROOT = Path(__file__).resolve().parents[3]
_OPTIONS: dict[str, Callable[[], Any]] = {
    "required": lambda: ...,
    "default": lambda: 7,
    "factory": lambda: dataclasses.field(default_factory=list),
    "hidden": lambda: dataclasses.field(default=1, repr=False),
    "incomparable": lambda: dataclasses.field(default=2, compare=False),
    "no argument": lambda: dataclasses.field(init=False, default_factory=dict),
}
_shapes = st.lists(st.sampled_from(sorted(_OPTIONS)), max_size=5).map(
    lambda kinds: sorted(kinds, key="required".__ne__)
)


def _class(decorator: Any, kinds: list[str], frozen: bool, base: type | None = None, letter: str = "f") -> Any:
    names = [f"{letter}{number}" for number in range(len(kinds))]
    body: dict[str, Any] = {"__annotations__": dict.fromkeys(names, "int")}
    body |= {name: _OPTIONS[kind]() for name, kind in zip(names, kinds, strict=True) if kind != "required"}
    cls = type("Made", (base,) if base else (), {**body, "__qualname__": "Made", "__module__": __name__})
    return decorator(frozen=frozen)(cls)


def _both(kinds: list[str], frozen: bool) -> Iterator[Any]:
    for decorator in (dataclasses.dataclass, module.dataclass):
        yield _class(decorator, kinds, frozen)


def _outcome(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Exception as error:
        return type(error)


@given(
    _shapes,
    st.booleans(),
    st.lists(st.integers(0, 2), max_size=6),
    st.dictionaries(st.sampled_from(["f0", "f1", "f2", "f3", "f4", "other"]), st.integers(0, 2), max_size=4),
)
def test_instances_are_made_shown_and_changed_alike(
    kinds: list[str], frozen: bool, arguments: list[int], named: dict[str, int]
) -> None:
    def seen(cls: Any) -> Any:
        def tried() -> Any:
            made = cls(*arguments, **named)
            hashed = _outcome(lambda: hash(made))
            return (
                *(repr(made), vars(made), dataclasses.asdict(made), cls.__match_args__),
                hashed if hashed is TypeError else "a number",
                _outcome(lambda: setattr(made, "f0", 5)),
                _outcome(lambda: delattr(made, "f0")),
                vars(made),
                _outcome(lambda: repr(dataclasses.replace(made, f0=8))),
                repr(copy.deepcopy(made)),
            )

        return _outcome(tried)

    standard, ours = (seen(cls) for cls in _both(kinds, frozen))
    assert ours == standard


@given(_shapes, st.booleans(), st.data())
def test_instances_are_equal_and_hash_alike(kinds: list[str], frozen: bool, data: st.DataObject) -> None:
    values = st.lists(st.integers(0, 1), min_size=5, max_size=5)
    one, other = data.draw(values), data.draw(values)

    def seen(cls: Any) -> Any:
        taken = [each.name for each in dataclasses.fields(cls) if each.init]
        first, second = (cls(**dict(zip(taken, each, strict=False))) for each in (one, other))
        return first == second, first == object(), _outcome(lambda: hash(first) == hash(second))

    standard, ours = (seen(cls) for cls in _both(kinds, frozen))
    assert ours == standard


@given(_shapes, st.lists(st.sampled_from(["default", "factory"]), max_size=3))
def test_a_subclass_has_the_fields_of_its_base_first(kinds: list[str], more: list[str]) -> None:
    def seen(decorator: Any) -> Any:
        base = _class(decorator, kinds, True)
        cls = _class(decorator, more, True, base, "g")
        taken = [each.name for each in dataclasses.fields(base) if each.init]
        return repr(cls(*range(len(taken)))), cls(*range(len(taken))) == base(*range(len(taken)))

    assert seen(module.dataclass) == seen(dataclasses.dataclass)


@module.dataclass(frozen=True)
class Own:
    """A class with methods of its own."""

    name: str
    seen: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.seen.append(self.name)

    def __repr__(self) -> str:
        return "own"

    def __hash__(self) -> int:
        return 1


def test_methods_of_the_class_itself_stay() -> None:
    made = Own("a")
    assert (repr(made), hash(made), made.seen) == ("own", 1, ["a"])
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - written just now


def test_an_instance_that_contains_itself_is_shown() -> None:
    cls = _class(module.dataclass, ["factory"], True)
    made = cls()
    made.f0.append(made)
    assert repr(made) == "Made(f0=[...])"


@pytest.mark.lint
def test_what_runs_in_lambda_has_no_dataclass_whose_code_is_generated() -> None:
    """Except for classes that are ordered, which need more than ours can."""

    def standard(path: Path) -> bool:
        text = path.read_text()
        imported = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "dataclasses"
            and any(name.name == "dataclass" for name in node.names)
            for node in ast.walk(ast.parse(text))
        )
        return imported and "order=True" not in text

    paths = [path for folder in ("functions", "layers/chatflow/python") for path in (ROOT / folder).rglob("*.py")]
    assert [path.name for path in paths if standard(path) and path != Path(module.__file__)] == []
