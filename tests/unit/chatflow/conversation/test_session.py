"""What is stored of a session is read back as the same session, and holds no default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.conversation.session import _STORED_NAMES, Session, Waiting

_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=5),
    int: st.integers(0, 2**40),
    bool: st.booleans(),
}
_OBJECTS = st.sampled_from(
    ({}, {"say": ""}, {"list": [0, False, None, {}], "id": "x"}, {"": {"deep": []}})
)  # no events


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field of this type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return instances_of(hint)  # type: ignore[arg-type]
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        (inner,) = [each for each in arguments if each is not NoneType]
        return st.none() | values_of(inner)
    if origin is tuple:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if origin is dict:
        return (
            _OBJECTS
            if arguments[1] is Any
            else st.dictionaries(st.sampled_from("abc"), values_of(arguments[1]), max_size=2)
        )
    return _SCALARS[hint]


def instances_of(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Instances of a dataclass, each of whose fields has its default now and then."""
    hints = get_type_hints(cls)
    given_fields = {}
    for field in fields(cls):
        values = values_of(hints[field.name])
        if field.default is not MISSING:
            values = st.just(field.default) | values
        given_fields[field.name] = values
    return st.builds(cls, **given_fields)


def is_consistent(session: Session) -> bool:
    """A session in state `paused` without a pause is read as one that waits or has ended."""
    return session.state != "paused" or session.paused is not None


SESSIONS = instances_of(Session).filter(is_consistent)


def with_defaults(session: Session) -> dict[str, Any]:
    """The form in which earlier releases stored a session."""
    data = {_STORED_NAMES.get(name, name): value for name, value in asdict(session).items()}
    if waiting := data["waiting"]:
        data["waiting"] = {Waiting.STORED_NAMES.get(name, name): value for name, value in waiting.items()}
    return data


def defaults_in(cls: type[Any], stored: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    """The fields of a stored form, and of those within, that have their default."""
    for field in fields(cls):
        name = names.get(field.name, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if name in stored and stored[name] == (list(default) if isinstance(default, tuple) else default):
            yield f"{cls.__name__}.{name}"
        inner = next((each for each in _classes(get_type_hints(cls)[field.name]) if is_dataclass(each)), None)
        values = stored.get(name)
        for value in values if isinstance(values, list) else [values]:
            if inner and isinstance(value, dict):
                yield from defaults_in(inner, value, getattr(inner, "STORED_NAMES", {}))  # type: ignore[arg-type]


def _classes(hint: Any) -> Iterator[Any]:
    yield hint
    for each in get_args(hint):
        yield from _classes(each)


@settings(max_examples=30)
@given(SESSIONS)
def test_a_stored_session_is_read_back_as_the_same_and_stores_no_default(session: Session) -> None:
    stored = json.loads(json.dumps(session.to_json()))
    assert Session.from_json(stored) == session
    assert not [*defaults_in(Session, stored, _STORED_NAMES)]
    assert Session.from_json(json.loads(json.dumps(with_defaults(session)))) == session


def test_a_session_of_which_nothing_is_known_stores_only_whose_it_is() -> None:
    assert [*Session("c_ann", "whatsapp", "106", "1650").to_json()] == ["conversation", "channel", "account", "contact"]
