"""Reads YAML documents with the line of every value, and writes them.

The dialect is YAML 1.2 with JSON's types: `yes`, `no`, `on`, `off`, `12:30`, `007` and dates are plain text, and every
key is text as it is written. Anchors, tags and repeated keys are problems, because they mislead a reader.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.reader import ReaderError

from chatflow.flows.problems import Path, Problem, field_name
from chatflow.flows.yaml_events import Event, parse

LARGEST = 256 * 1024  # bytes of one document; a flow of 200 nodes is a fifth of it
DEEPEST = 50  # levels
_MOST_REPEATED = LARGEST  # what aliases may add to a document, counted as `_Builder._size`
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_VARIABLE = re.compile(r"[A-Za-z_][\w.:-]*")

# YAML 1.2's core schema without its octal, hexadecimal and infinite numbers.
_WORDS: dict[str, bool | None] = {"": None, "~": None}
_WORDS |= {
    form: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for form in (word, word.title(), word.upper())
}
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NUMBERS_BEGIN = "-+0123456789"
_TEXT = "tag:yaml.org,2002:str"
_NO_ANCHORS = "Anchors (&name) and aliases (*name) are not taken. Write the value out."


@dataclass(frozen=True)
class Document:
    """A parsed file with its line numbers by path. `data` is None when parsing failed; `text` is the source."""

    file: str
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    text: str = field(default="", repr=False)
    has_anchors: bool = False  # or aliases: the text says less than the data

    def problem(self, path: Path, message: str, flow: str = "", *, code: str = "", subject: str = "") -> Problem:
        """A problem at this path. Inside `nodes`, the node and the field are reported separately."""
        inside_node = len(path) > 1 and path[0] == "nodes"
        node, rest = (str(path[1]), path[2:]) if inside_node else ("", path)
        return Problem(self.file, self.line(path), flow, node, field_name(rest), message, code, subject)

    def line(self, path: Path) -> int:
        """The line of the value, or of the nearest block around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


def read(file: str, content: bytes | str) -> Document:
    """Parse a file. Never raises: errors become problems of the document."""
    if len(content) > LARGEST:
        return _unreadable(file, 0, f"The file is larger than {LARGEST // 1024} KB. Split the flow in two.")
    try:
        text = content.decode() if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        return _unreadable(file, 0, "The file is not UTF-8 text. Save it as UTF-8.")
    try:
        return parse(text, lambda events: _Builder(file, text, events).document())
    except _TooDeepError:
        return _unreadable(file, 0, f"The blocks in this file are nested too deeply: at most {DEEPEST} levels.")
    except ReaderError as error:
        return _unreadable(
            file, 0, f"The file holds a character that YAML does not take (at position {error.position})."
        )
    except yaml.MarkedYAMLError as error:
        return _unreadable(file, *_explained(error, text))


def _unreadable(file: str, line: int, message: str) -> Document:
    return Document(file, None, {}, (Problem(file, line, "", "", "", message),))


def _explained(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    written = "".join(text.splitlines()[line - 1 : line]) if line else ""
    trouble = error.problem or error.context or "it breaks off"
    message = f"This is not YAML: {trouble}."
    if re.search(r"[:,{\[-]\s*\[\[", written):
        message += ' Text that begins with [[ must stand in quotes, like "[[name]] is here".'
    elif "\t" in written:
        message += " Indent with blanks, not with tabs."
    elif "mapping values" in trouble:
        message += " Text with a colon in it must stand in quotes."
    elif "but got '?'" in trouble:
        message += " Inside { } and [ ], text with a question mark must stand in quotes."
    elif "another document" in trouble:
        message += " Keep one document in a file, without a line of ---."
    return line, message


class _TooDeepError(Exception):
    pass


class _Builder:
    """Builds JSON types from the events of a parser, recording lines and problems."""

    def __init__(self, file: str, text: str, events: Iterator[Event]) -> None:
        self._file = file
        self._text = text
        self._events = events
        self._last_line = text.count("\n") + 1
        self._lines: dict[Path, int] = {}
        self._problems: list[Problem] = []
        self._anchors: dict[str, tuple[Any, int]] = {}  # what each marks, and its size
        self._size = self._repeated = 0  # values and the characters in them
        self._single_words: dict[Path, str] = {}  # the only item of each [list] that holds one unquoted name

    def document(self) -> Document:
        """Raises what the events raise, _TooDeepError, and ComposerError for more than one document."""
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return _unreadable(self._file, 0, "The file is empty.")
        data = self._value(next(self._events), ())
        next(self._events)  # the end of the document
        if not isinstance(after := next(self._events), yaml.StreamEndEvent):
            raise ComposerError(None, None, "but found another document", after.start_mark)
        if data is None and not self._problems:
            return _unreadable(self._file, 0, "The file is empty.")
        has_anchors = any(problem.message == _NO_ANCHORS for problem in self._problems)
        return Document(self._file, data, self._lines, tuple(self._problems), self._text, has_anchors)

    def _value(self, event: Event, path: Path) -> Any:
        line = self._line(event)
        self._lines.setdefault(path, line)
        if isinstance(event, yaml.AliasEvent):
            return self._repeat(str(event.anchor), line, path)
        before = self._size
        self._size += 1
        if event.anchor is not None:
            self._problem(line, path, _NO_ANCHORS)
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            self._size += len(event.value)
            value = self._scalar(event, line, path)
        elif len(path) >= DEEPEST:
            raise _TooDeepError
        else:
            if event.tag is not None:
                self._problem(line, path, _no_tag(event.tag))
            value = self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._list(event, line, path)
        if event.anchor is not None:
            self._anchors[event.anchor] = value, self._size - before
        return value

    def _repeat(self, anchor: str, line: int, path: Path) -> Any:
        """What an alias stands for, so that what is wrong around it is found. Its anchor is a problem already."""
        if anchor not in self._anchors:
            self._problem(line, path, _NO_ANCHORS)
            return f"*{anchor}"
        value, size = self._anchors[anchor]
        if self._repeated + size > _MOST_REPEATED or len(path) + _levels(value) > DEEPEST:
            return f"*{anchor}"
        self._size += size
        self._repeated += size
        return value

    def _mapping(self, path: Path) -> dict[str, Any]:
        built: dict[str, Any] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            line = self._line(key)
            if not isinstance(key, yaml.ScalarEvent):
                self._problem(line, path, "A field's name must be text.")
                self._skip(key)
                self._skip(next(self._events))
                continue
            # As it is written: `yes`, `on` and 404 are names like any other.
            name = self._whole(key.value, line, path)
            if key.anchor is not None:
                self._problem(line, path, _NO_ANCHORS)
            if name in built:
                first = self._lines[(*path, name)]
                message = f'"{name}" is written twice; the first is in line {first}. Keep one.'
                self._problem(line, (*path, name), message)
                self._skip(next(self._events))
                continue
            self._lines[(*path, name)] = line
            built[name] = self._value(next(self._events), (*path, name))
        return built

    def _list(self, start: Event, line: int, path: Path) -> Any:
        built: list[Any] = []
        event: Event = start
        while not isinstance(following := next(self._events), yaml.SequenceEndEvent):
            event = following
            built.append(self._value(event, (*path, len(built))))
        if start.flow_style and len(built) == 1:
            if variable := self._single_words.get((*path, 0)):
                self._problem(line, path, f'Put the variable in quotes: "[[{variable}]]".')
                return f"[[{variable}]]"
            if isinstance(event, yaml.ScalarEvent) and _plain(event) and _VARIABLE.fullmatch(str(built[0])):
                self._single_words[path] = str(built[0]) if built[0] == event.value else ""
        return built

    def _scalar(self, event: Event, line: int, path: Path) -> Any:
        text = self._whole(event.value, line, path)
        if event.tag not in (None, "!", _TEXT):
            self._problem(line, path, _no_tag(event.tag))
        if not _plain(event) or text != event.value:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if not _NUMBER.fullmatch(text):
            return text
        if not math.isfinite(float(text)):
            self._problem(line, path, "This number is too large. If it is no number to count with, put it in quotes.")
            return text
        return int(text) if text.lstrip("+-").isdecimal() else float(text)

    def _whole(self, text: str, line: int, path: Path) -> str:
        if not _LONE_SURROGATE.search(text):
            return text
        self._problem(line, path, "This text holds half of a character (a lone surrogate). Take it out.")
        return _LONE_SURROGATE.sub("", text)

    def _skip(self, event: Event) -> None:
        """Pass over the value that begins with this event."""
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            event = next(self._events)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)

    def _line(self, event: Event) -> int:
        return min(int(event.start_mark.line) + 1, self._last_line)  # libyaml counts a line more at the end

    def _problem(self, line: int, path: Path, message: str) -> None:
        place = Document(self._file, None).problem(path, message)
        self._problems.append(Problem(self._file, line, "", place.node, place.field, message))


def _levels(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(_levels, inside), default=0)


def _plain(event: Event) -> bool:
    """Whether a text stands without quotes and without a tag, so that it may be a number or a word such as `true`."""
    return not event.style and event.tag in (None, "!")


def _no_tag(tag: str) -> str:
    return f"The tag {tag} is not taken. Write plain text, a number, true or false."


_NEEDS_ESCAPES = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class _Writer(yaml.SafeDumper):
    """Quotes every text that YAML 1.1 or 1.2 would read as another type."""

    yaml_implicit_resolvers = {  # noqa: RUF012  PyYAML's own attribute
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, []),
            *([("tag:yaml.org,2002:float", _NUMBER)] if first in _NUMBERS_BEGIN else []),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *_NUMBERS_BEGIN}
    }

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(writer: _Writer, text: str) -> yaml.ScalarNode:
    """Write line breaks and invisible characters as escapes; other styles would fold them."""
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _NEEDS_ESCAPES.search(text) else None)


_Writer.add_representer(str, _text)


def as_yaml(data: Any) -> str:
    """Format JSON as YAML, keeping the order of fields. YAML 1.1 and 1.2 parsers read it alike."""
    return yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110)
