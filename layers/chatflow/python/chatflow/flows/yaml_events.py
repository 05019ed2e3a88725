"""Parses YAML into events: by libyaml, which is ten times as fast, where PyYAML was built with it.

PyYAML's own parser decides everything on which the two disagree, and every error. So a document means the same, and is
refused in the same words, with and without libyaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

try:
    from yaml import _yaml as libyaml
except ImportError:  # built without libyaml
    libyaml = None  # type: ignore[assignment]

Event = Any  # one of yaml.events, which share no fields
Built = TypeVar("Built")

# What the two read differently: tabs between tokens, line breaks other than \n and \r\n, a byte order mark that is not
# the first character, a comment that touches the sign of a block of text. `_libyaml_events` knows the rest.
_UNSURE = re.compile(r"[\t\x85\u2028\u2029]|\r(?!\n)|(?!^)\ufeff|[|>][-+0-9]*#")


def parse(text: str, build: Callable[[Iterator[Event]], Built]) -> Built:
    """What `build` makes of the events of a text. It may be called twice, and raise a YAMLError to ask for that.

    Raises yaml.YAMLError, with the words of PyYAML's own parser.
    """
    if libyaml is not None and not _UNSURE.search(text):
        try:
            return build(_libyaml_events(text))
        except (_UnsureError, yaml.YAMLError, UnicodeEncodeError):
            pass  # PyYAML's own parser decides
    return build(_pyyaml_events(text))


class _UnsureError(Exception):
    pass


class _PyYAMLParser(Reader, Scanner, Parser):
    """PyYAML's own parser, without the parts that build nodes and Python objects."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def _pyyaml_events(text: str) -> Iterator[Event]:
    parser: Any = _PyYAMLParser(text)
    while parser.check_event():
        yield parser.get_event()


def _libyaml_events(text: str) -> Iterator[Event]:
    """Raises _UnsureError at a tag, and at an unquoted question mark inside { } and [ ], which only libyaml takes."""
    parser: Any = libyaml.CParser(text)
    in_brackets = 0  # levels
    while parser.check_event():
        event = parser.get_event()
        if isinstance(event, yaml.CollectionStartEvent):
            in_brackets += bool(event.flow_style)
            unsure = event.tag is not None
        elif isinstance(event, yaml.ScalarEvent):
            unsure = event.tag is not None or (in_brackets > 0 and not event.style and "?" in event.value)
        else:  # inside brackets, every block has brackets too
            in_brackets -= in_brackets > 0 and isinstance(event, yaml.CollectionEndEvent)
            unsure = False
        if unsure:
            raise _UnsureError
        yield event
