"""Word, Excel and PowerPoint files since 2007, identified as Office opens them: by the relationships of the package.

`_rels/.rels` names the main part, and the list of content types says what that is. Macros are recognised by any of
content type, relationship and part name. Source: ECMA-376, part 2 (Open Packaging Conventions), 8 to 10.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chatflow.media.formats.xml_part import read_xml
from chatflow.media.formats.zip_archive import Entry, canonical, check_entries, content, open_zip
from chatflow.media.ranges import InvalidFile, Read

NAMES = frozenset({"docx", "xlsx", "pptx"})
TYPES = "[content_types].xml"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_FORMATS = {  # by the content type of the main part
    f"{_OFFICE}wordprocessingml.document.main+xml": "docx",
    f"{_OFFICE}spreadsheetml.sheet.main+xml": "xlsx",
    f"{_OFFICE}presentationml.presentation.main+xml": "pptx",
}
_MACROS = ("macroenabled", "vbaproject", "vbadata", "macrosheet")  # in a content type, a relationship or a name
# Charts may keep their numbers in a binary workbook, whose type says "macro enabled" whether it has macros or not.
_BINARY_WORKBOOK = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
_PACKED_LIMIT = 32_768  # bytes of a list of types or relationships, compressed
_LIMIT = 1_048_576  # bytes of it, decompressed


@dataclass(frozen=True)
class Relationship:
    """`kind` is the last segment of its type in lower case; `target` as it is written."""

    kind: str
    target: str
    external: bool


@dataclass
class Package:
    """The parts of an Office file by their canonical names, and their content types in lower case."""

    parts: dict[str, Entry]
    overrides: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)  # by extension

    def content_type(self, part: str) -> str:
        return self.overrides.get(part) or self.defaults.get(posixpath.splitext(part)[1].removeprefix("."), "")


def open_package(read: Read, size: int) -> Package | list[Entry]:
    """The package that a zip is; its entries when it has no list of content types. Raises InvalidFile."""
    entries, directory = open_zip(read, size)
    package = Package({entry.part: entry for entry in entries})
    if TYPES not in package.parts:
        return entries
    check_entries(entries, directory, size)

    def start(name: str, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("ContentType", "").strip().lower()
        if name == "Override":
            part = canonical(attributes.get("PartName", "")).removeprefix("/")
            if package.overrides.setdefault(part, kind) != kind:
                raise InvalidFile("broken", "a part with two content types")
        elif name == "Default":
            package.defaults[attributes.get("Extension", "").strip().lower()] = kind

    read_xml([content(read, package.parts[TYPES], _PACKED_LIMIT, _LIMIT)], start)
    return package


def name(read: Read, package: Package) -> str:
    """`docx`, `xlsx` or `pptx`. Raises InvalidFile."""
    types = {*package.overrides.values(), *package.defaults.values()} - {_BINARY_WORKBOOK}
    check_macros((*types, *package.parts))
    main = main_part(read, package)
    for each in relationships(read, package, main):
        check_macros([each.kind])
    if main not in package.parts or package.content_type(main) not in _FORMATS:
        raise InvalidFile("unknown_format", "an Office file of no known format")
    return _FORMATS[package.content_type(main)]


def main_part(read: Read, package: Package) -> str:
    """The name of the part that the package itself calls its document; "" for none. Raises InvalidFile for several."""
    found = {resolve("", each) for each in relationships(read, package, "") if each.kind == "officedocument"}
    if len(found) > 1:
        raise InvalidFile("broken", "a package with several main parts")
    return "".join(found)


def relationships(read: Read, package: Package, part: str) -> list[Relationship]:
    """The relationships of a part; those of the package for "". Raises InvalidFile."""
    folder, _, base = part.rpartition("/")
    entry = package.parts.get(posixpath.join(folder, "_rels", f"{base}.rels"))
    return read_relationships([content(read, entry, _PACKED_LIMIT * 8, _LIMIT)]) if entry else []


def read_relationships(pieces: Iterable[bytes]) -> list[Relationship]:
    """Raises InvalidFile when this is no list of relationships."""
    found = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").strip().rstrip("/").rpartition("/")[2].lower()
            external = attributes.get("TargetMode", "").strip().lower() == "external"
            found.append(Relationship(kind, attributes.get("Target", "").strip(), external))

    read_xml(pieces, start)
    return found


def resolve(part: str, relationship: Relationship) -> str:
    """The canonical name of the part that a relationship of `part` leads to."""
    target = canonical(relationship.target)
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")


def check_macros(words: Iterable[str]) -> None:
    """Raises InvalidFile when one of these, all in lower case, says that there are macros."""
    if any(macro in word for word in words for macro in _MACROS):
        raise InvalidFile("macros", "an Office file with macros")
