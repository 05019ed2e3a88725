"""Fills `[[name]]` in texts and in JSON with values. A value is never evaluated, and never filled itself.

    [[claim]]  [[claim.status]]  [[items.0.name]]          a variable, or what lies inside it
    [[session:msisdn]]  [[contact:name]]  [[secret:name]]  a fact of the session, of the contact, a secret
    [[message:form.plate]]                                 what the message that this turn is about holds
    [[upper:x]] [[lower:x]] [[left:n:x]] [[right:n:x]] [[substr:a:b:x]]    where x is any of the above but a secret

Anything else in brackets stays as it was written. Brackets in a value, such as a customer's text, are not interpreted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chatflow.media.reference import is_media, is_media_list
from chatflow.messages import typed_values

if TYPE_CHECKING:
    from chatflow.nodes.contract import Visit

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")  # also the keys that a business's API may use in its answers
_BRACKETS = re.compile(r"\[\[([^\[\]\n]+)\]\]")
_INSIDE = re.compile(r"[^.:\[\]\s/?#&=%]+")  # without URL delimiters, so that a URL can be split before it is filled
_OF_SOURCE = re.compile(r"[^\[\]\s/?#&=%]+")
_NUMBER = re.compile(r"[0-9]{1,6}")
_SOURCES = ("session", "contact", "secret")  # whose names have no path
_FUNCTIONS: dict[str, tuple[int, Callable[..., str]]] = {  # name: number of arguments, implementation
    "upper": (0, lambda text: text.upper()),
    "lower": (0, lambda text: text.lower()),
    "left": (1, lambda text, count: text[:count]),
    "right": (1, lambda text, count: text[-count:] if count else ""),
    "substr": (2, lambda text, start, end: text[start:end]),
}


@dataclass(frozen=True)
class Scope:
    """The values that templates may name. `secret` is called only for a named secret, and may raise NotPublished."""

    variables: Mapping[str, Any]
    session: Mapping[str, Any] = field(default_factory=dict)
    contact: Mapping[str, Any] = field(default_factory=dict)
    message: Mapping[str, Any] = field(default_factory=dict)
    secret: Callable[[str], str] | None = None

    @classmethod
    def of(cls, visit: Visit) -> Scope:
        """The scope of a visit's node, without secrets."""
        contact = {"name": visit.conversation.name, "address": visit.conversation.contact}
        session = {"id": visit.session, "msisdn": visit.conversation.contact}
        return cls(visit.variables, session, contact, typed_values(visit.event.get("message") or {}))


@dataclass(frozen=True)
class Reference:
    """One `[[...]]`: the source of its value, and the functions to apply, innermost first."""

    source: str  # variable, message, session, contact, secret
    name: str  # the root of the path in a variable or a message; for other sources everything after the colon
    path: tuple[str, ...] = ()
    functions: tuple[tuple[str, tuple[int, ...]], ...] = ()


def render(template: str, scope: Scope, encode: Callable[[str], str] | None = None) -> str:
    """The text with every value filled in. `encode` is applied to each value, so that none changes the text's shape."""
    return "".join(
        token if isinstance(token, str) else (encode or str)(as_text(_value(token, scope)))
        for token in _tokens(template)
    )


def fill(value: Any, scope: Scope) -> Any:
    """The same JSON with every value filled in. A string that is one whole `[[x]]` becomes x with its own type.

    Keys of objects are left as they are.
    """
    if isinstance(value, str):
        tokens = _tokens(value)
        if len(tokens) == 1 and isinstance(tokens[0], Reference):
            return _value(tokens[0], scope)
        return render(value, scope)
    if isinstance(value, Mapping):
        return {key: fill(each, scope) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [fill(each, scope) for each in value]
    return value


def names(value: Any) -> set[str]:
    """The variables that a template, or any JSON with templates in it, uses: the roots of their paths."""
    return {each.name for each in references(value) if each.source == "variable"}


def references(value: Any) -> set[Reference]:
    """All references in a template, or in any JSON with templates in it."""
    if isinstance(value, str):
        return {token for token in _tokens(value) if isinstance(token, Reference)}
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return set()
    return {reference for each in value for reference in references(each)}


def as_text(value: Any) -> str:
    """A value as text: a file is its name, a list of files their names, other JSON is compact, None is empty."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if is_media(value):
        return str(value["filename"])
    if is_media_list(value):
        return ", ".join(str(each["filename"]) for each in value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=2048)  # only authors' templates get here, so customers cannot flood it
def _tokens(template: str) -> tuple[str | Reference, ...]:
    tokens: list[str | Reference] = []
    end = 0
    for match in _BRACKETS.finditer(template):
        reference = _reference(match[1].strip())
        if reference is None:
            continue
        if match.start() > end:
            tokens.append(template[end : match.start()])
        tokens.append(reference)
        end = match.end()
    if end < len(template):
        tokens.append(template[end:])
    return tuple(tokens)


def _reference(text: str) -> Reference | None:
    head, colon, rest = text.partition(":")
    if not colon or head == "message":
        root, *path = (rest if colon else text).split(".")
        known = VARIABLE.fullmatch(root) and all(_INSIDE.fullmatch(each) for each in path)
        return Reference("message" if colon else "variable", root, tuple(path)) if known else None
    if head in _SOURCES:
        return Reference(head, rest) if _OF_SOURCE.fullmatch(rest) else None
    if head not in _FUNCTIONS:
        return None
    *numbers, rest = rest.split(":", _FUNCTIONS[head][0])
    inner = _reference(rest)
    if inner is None or inner.source == "secret" or not all(_NUMBER.fullmatch(each) for each in numbers):
        return None
    if len(numbers) < _FUNCTIONS[head][0]:
        return None
    applied = (head, tuple(int(each) for each in numbers))
    return Reference(inner.source, inner.name, inner.path, (*inner.functions, applied))


def _value(reference: Reference, scope: Scope) -> Any:
    value = _source_value(reference, scope)
    for function, numbers in reference.functions:
        value = _FUNCTIONS[function][1](as_text(value), *numbers)
    return value


def _source_value(reference: Reference, scope: Scope) -> Any:
    if reference.source == "secret":
        return scope.secret(reference.name) if scope.secret else ""
    value: Any = {
        "variable": scope.variables,
        "message": scope.message,
        "session": scope.session,
        "contact": scope.contact,
    }[reference.source]
    for step in (reference.name, *reference.path):
        if isinstance(value, Mapping):
            value = value.get(step, "")
        elif isinstance(value, list) and _NUMBER.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return ""
    return value
