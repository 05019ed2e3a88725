"""Reads YAML documents with the line of every value, and writes them.

The dialect is YAML 1.2 with JSON's types: `yes`, `no`, `on`, `off`, `12:30`, `007` and dates are plain text, and every
key is text as it is written. Anchors, tags and repeated keys are problems, because they mislead a reader.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from chatflow.flows.problems import Path, Problem, field_name

LARGEST = 256 * 1024  # bytes of one document; a flow of 200 nodes is a fifth of it
DEEPEST = 50  # levels
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_VARIABLE = re.compile(r"[A-Za-z_][\w.:-]*")


@dataclass(frozen=True)
class Document:
    """A parsed file with its line numbers by path. `data` is None when parsing failed; `text` is the source."""

    file: str
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    text: str = field(default="", repr=False)

    def problem(self, path: Path, message: str, flow: str = "") -> Problem:
        """A problem at this path. Inside `nodes`, the node and the field are reported separately."""
        inside_node = len(path) > 1 and path[0] == "nodes"
        node, rest = (str(path[1]), path[2:]) if inside_node else ("", path)
        return Problem(self.file, self.line(path), flow, node, field_name(rest), message)

    def line(self, path: Path) -> int:
        """The line of the value, or of the nearest block around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


class Resolver(yaml.SafeLoader):
    """YAML 1.2's core schema without its octal, hexadecimal and infinite numbers."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  PyYAML's own attribute


Resolver.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Resolver.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), [*"tTfF"]
)
Resolver.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), [*"-+0123456789"])
Resolver.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"),
    [*"-+0123456789"],
)
_SCALARS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:str": str,
}
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def read(file: str, content: bytes | str) -> Document:
    """Parse a file. Never raises: errors become problems of the document."""
    if len(content) > LARGEST:
        return _unreadable(file, 0, f"The file is larger than {LARGEST // 1024} KB. Split the flow in two.")
    try:
        text = content.decode() if isinstance(content, bytes) else content
        if refusal := _refused(text):
            return _unreadable(file, 0, refusal)
        root = yaml.compose(text, Loader=Resolver)
    except UnicodeDecodeError:
        return _unreadable(file, 0, "The file is not UTF-8 text. Save it as UTF-8.")
    except yaml.reader.ReaderError as error:
        return _unreadable(
            file, 0, f"The file holds a character that YAML does not take (at position {error.position})."
        )
    except yaml.MarkedYAMLError as error:
        return _unreadable(file, *_explained(error, text))
    if root is None or root.tag.endswith(":null"):
        return _unreadable(file, 0, "The file is empty.")
    builder = _Builder(file)
    data = builder.build(root, ())
    return Document(file, data, builder.lines, tuple(builder.problems), text)


def _refused(text: str) -> str:
    """Why valid YAML is rejected before it is built; empty when it is accepted."""
    depth = 0
    for event in yaml.parse(text):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return f"The blocks in this file are nested too deeply: at most {DEEPEST} levels."
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return "Anchors (&name) and aliases (*name) are not taken. Write the value out."
    return ""


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


class _Builder:
    """Converts the YAML node tree to JSON types, recording lines and problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def build(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            if variable := _unquoted_variable(node):
                self._problem(node, path, f'Put the variable in quotes: "[[{variable}]]".')
                return f"[[{variable}]]"
            return [self.build(each, (*path, place)) for place, each in enumerate(node.value)]
        if node.tag not in _SCALARS:
            self._problem(node, path, f"The tag {node.tag} is not taken. Write plain text, a number, true or false.")
            return str(node.value)
        if _LONE_SURROGATE.search(node.value):
            self._problem(node, path, "This text holds half of a character (a lone surrogate). Take it out.")
            return _LONE_SURROGATE.sub("", node.value)
        if node.tag in _NUMBERS and not math.isfinite(float(node.value)):
            self._problem(node, path, "This number is too large. If it is no number to count with, put it in quotes.")
            return str(node.value)
        return _SCALARS[node.tag](node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._problem(key, path, "A field's name must be text.")
                continue
            name = str(key.value)  # as written: `yes`, `on` and 404 are names like any other
            if name in built:
                first = self.lines[(*path, name)]
                self._problem(key, (*path, name), f'"{name}" is written twice; the first is in line {first}. Keep one.')
                continue
            self.lines[(*path, name)] = key.start_mark.line + 1
            built[name] = self.build(value, (*path, name))
        return built

    def _problem(self, node: yaml.Node, path: Path, message: str) -> None:
        place = Document(self.file, None).problem(path, message)
        line = node.start_mark.line + 1
        self.problems.append(Problem(self.file, line, "", place.node, place.field, message))


def _unquoted_variable(node: yaml.SequenceNode) -> str:
    """The name in an unquoted `[[name]]`, which YAML parses as nested lists; else empty."""
    if len(node.value) != 1 or not isinstance(node.value[0], yaml.SequenceNode) or len(node.value[0].value) != 1:
        return ""
    inner = node.value[0].value[0]
    plain = isinstance(inner, yaml.ScalarNode) and inner.style is None and inner.tag.endswith(":str")
    return str(inner.value) if plain and _VARIABLE.fullmatch(inner.value) else ""


_NEEDS_ESCAPES = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class _Writer(yaml.SafeDumper):
    """Quotes every string that YAML 1.1 or 1.2 would parse as another type."""

    yaml_implicit_resolvers = {  # noqa: RUF012  PyYAML's own attribute
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, []),
            *Resolver.yaml_implicit_resolvers.get(first, []),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *Resolver.yaml_implicit_resolvers}
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
