"""Finds the `[[...]]` references in a document, and malformed ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from chatflow.flows.problems import Path, suggestion
from chatflow.templating import Reference, references

SESSION = ("id", "msisdn")
CONTACT = ("address", "name")
MESSAGE = ("choice", "contacts", "form", "forwarded", "kind", "language", "location", "referral", "text", "voice")
DEPLOYMENT = re.compile(r"\[\[\s*deployment:([^\[\]]*)\]\]")
_FUNCTIONS = ("upper", "lower", "left", "right", "substr")
_SOURCES = ("session", "contact", "message", "secret")
_BRACKETS = re.compile(r"\[\[([^\[\]]*)(\]\]|$|\]|\[)")


def texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every string inside a JSON value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from texts(each, (*path, key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from texts(each, (*path, place))


def uses(value: Any) -> Iterator[tuple[Path, Reference]]:
    """Every reference in the strings of a JSON value, with the path of its string."""
    for path, text in texts(value):
        for reference in sorted(references(text), key=lambda each: (each.source, each.name, each.path)):
            yield path, reference


def literal(text: str) -> str:
    """What certainly stands in a text, whatever its references are filled with."""
    return _BRACKETS.sub(lambda found: "" if references(found[0]) else found[0], text)


def single_variable(text: Any) -> str:
    """The variable name when the text is exactly one `[[name]]`; else empty."""
    found = references(text) if isinstance(text, str) else set()
    only = next(iter(found)) if len(found) == 1 else None
    if only is None or only.source != "variable" or only.path or only.functions:
        return ""
    return only.name if re.fullmatch(r"\[\[\s*" + re.escape(only.name) + r"\s*\]\]", text) else ""


def template_problems(value: Any, *, secrets: bool) -> Iterator[tuple[Path, str]]:
    """Malformed templates, and references to session or contact fields that do not exist. `secrets`: allow secrets."""
    for path, text in texts(value):
        for found in _BRACKETS.finditer(text):
            if found[2] != "]]":
                yield path, f'"[[{found[1][:40]}" is not closed. End it with ]].'
            elif not references(f"[[{found[1]}]]"):
                yield path, _no_template(found[1])
        for reference in references(text):
            yield from ((path, message) for message in _unknown_fact(reference, secrets=secrets))


def _unknown_fact(reference: Reference, *, secrets: bool) -> Iterator[str]:
    if reference.source == "secret" and not secrets:
        yield f"[[secret:{reference.name}]] may stand only in an integration, where no customer sees it."
    known: Collection[str] = {"session": SESSION, "contact": CONTACT, "message": MESSAGE}.get(reference.source, ())
    if known and reference.name not in known:
        yield f"[[{reference.source}:{reference.name}]] does not exist.{suggestion(reference.name, known)}"


def _no_template(inside: str) -> str:
    head, colon, _rest = inside.strip().partition(":")
    if not colon:
        return f"[[{inside}]] is not the name of a variable. A name has letters, digits and _, and dots to look inside."
    if head in _SOURCES:
        return f"[[{inside}]] is not written right: a name is one word."
    if head == "deployment":
        return f"[[{inside}]] may stand only at the start of an integration's url."
    if head in _FUNCTIONS:
        example = {"left": "[[left:3:name]]", "right": "[[right:3:name]]", "substr": "[[substr:0:3:name]]"}
        return f"[[{inside}]] is not written right. Write {example.get(head, f'[[{head}:name]]')}."
    known = (*_FUNCTIONS, *_SOURCES)
    return f'[[{inside}]] cannot be filled: nothing is called "{head}:".{suggestion(head, known)}'
