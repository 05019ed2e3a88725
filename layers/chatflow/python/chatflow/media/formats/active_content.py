"""Active content of Word, Excel and PowerPoint files since 2007: what loads or starts something when a file is opened.

That is a template, frame or linked object that is fetched from another computer, a field or link that runs a program
(DDE), an ActiveX control, and an embedded file that is no Office file (an OLE package). Local templates, embedded
charts, workbooks and other Office objects are none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from chatflow.media.formats import ooxml
from chatflow.media.formats.fields import DdeFields
from chatflow.media.formats.ooxml import Package
from chatflow.media.formats.xml_part import read_xml
from chatflow.media.formats.zip_archive import Entry, stream
from chatflow.media.ranges import BudgetedReader, InvalidFile, Read

_LOADED = frozenset({"attachedtemplate", "oleobject", "package", "frame", "subdocument", "afchunk"})  # when opened
_CONTROLS = frozenset({"control", "activexcontrol", "activexcontrolbinary"})
_STORIES = frozenset(  # what may hold fields
    {"officedocument", "header", "footer", "footnotes", "endnotes", "comments", "glossarydocument", "settings"}
)
_EMBEDDED = frozenset({"oleobject", "package"})
_XML_LIMIT = 33_554_432  # bytes of all parts that are read as XML, decompressed: some seconds of a small processor
_EMBEDDED_LIMIT = 134_217_728  # bytes of all embedded files, decompressed
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_MARKS = {  # in lower case, in what is embedded
    "\x01ole10native".encode("utf-16-le"): "active_content",  # the stream of a package, and its two classes
    bytes.fromhex("0c00030000000000c000000000000046").lower(): "active_content",
    bytes.fromhex("20a70df22fc0ce11927b0800095ae340").lower(): "active_content",
    "_vba_project".encode("utf-16-le"): "macros",
    b"vbaproject": "macros",
}
_LONGEST = max(map(len, _MARKS))


def check(read: BudgetedReader, size: int, name: str) -> None:
    """Raises InvalidFile for active content, and for macros that only a part deeper down names.

    Reads the file onwards twice at most: its relationships, then the parts that may hold something.
    """
    package = ooxml.open_package(read, size)
    if not isinstance(package, Package):
        raise InvalidFile("broken", "no package")
    parts = _Parts(read.onwards, package)
    embedded = {part for part in package.parts if "/embeddings/" in part}
    embedded |= {part for part in package.parts if package.content_type(part).endswith("officedocument.oleobject")}
    links: set[str] = set()
    stories: set[str] = set()
    for part, pieces in parts.relationships():
        for each in ooxml.read_relationships(pieces):
            ooxml.check_macros([each.kind])
            if each.kind in _CONTROLS or (each.kind in _LOADED and is_remote(each.target)):
                raise InvalidFile("active_content", f"a relationship to {each.kind}")
            if each.external:
                continue
            if each.kind in _EMBEDDED:
                embedded.add(ooxml.resolve(part, each))
            elif each.kind == "externallink":
                links.add(ooxml.resolve(part, each))
            elif each.kind in _STORIES:
                stories.add(ooxml.resolve(part, each))
    for part, entry in parts.in_order():
        if part in embedded:
            _check_embedded(parts.embedded(entry), package.content_type(part))
        elif part in links or "externallink+xml" in package.content_type(part):
            read_xml(parts.xml(entry), _no_dde_link)
        elif name == "docx" and (part in stories or "wordprocessingml" in package.content_type(part)):
            fields = DdeFields()
            read_xml(parts.xml(entry), fields.start, fields.end, fields.text)
            fields.close()


def is_remote(target: str) -> bool:
    """Whether a target lies on another computer: any scheme but `file`, a host, or a share of Windows."""
    text = target
    while (plain := unquote(text)) != text:
        text = plain
    text = "".join(text.split()).replace("\\", "/").lower()
    scheme = re.match(r"([a-z][a-z0-9+.-]+):", text)
    if scheme and scheme[1] != "file":
        return True
    path = text.removeprefix("file:")
    bare = path.lstrip("/")
    slashes = len(path) - len(bare)
    if re.match(r"([?.]/)?[a-z][:|]", bare):  # a drive
        return False
    if slashes == 2:  # a host follows
        return bare.partition("/")[0] not in ("", "localhost")
    return slashes > 3 or (slashes == 3 and not scheme)


class _Parts:
    """The parts of a package in the order of their offsets, and how much of them may still be decompressed."""

    def __init__(self, read: Read, package: Package) -> None:
        self._read = read
        self._package = package
        self._left = {"xml": _XML_LIMIT, "embedded": _EMBEDDED_LIMIT}

    def in_order(self) -> list[tuple[str, Entry]]:
        return sorted(self._package.parts.items(), key=lambda each: each[1].offset)

    def relationships(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each list of relationships, with the name of the part that it belongs to."""
        for part, entry in self.in_order():
            folder, _, base = part.rpartition("_rels/")
            if base.endswith(".rels"):
                yield folder + base.removesuffix(".rels"), self.xml(entry)

    def xml(self, entry: Entry) -> Iterator[bytes]:
        return self._stream(entry, "xml")

    def embedded(self, entry: Entry) -> Iterator[bytes]:
        return self._stream(entry, "embedded")

    def _stream(self, entry: Entry, kind: str) -> Iterator[bytes]:
        for piece in stream(self._read, entry):
            self._left[kind] -= len(piece)
            if self._left[kind] < 0:
                raise InvalidFile("unreadable", f"too many bytes of {kind} to examine")
            yield piece


def _no_dde_link(name: str, _attributes: Mapping[str, str]) -> None:
    if name == "ddeLink":
        raise InvalidFile("active_content", "a link that runs a program")


def _check_embedded(pieces: Iterator[bytes], content_type: str) -> None:
    """Raises InvalidFile when an embedded part is a package, a file that is no Office file, or has macros."""
    before = b""
    first = True
    for piece in pieces:
        if first and not piece.startswith(_OLE) and not (piece.startswith(_ZIP) and "office" in content_type):
            raise InvalidFile("active_content", "an embedded file that is no Office file")
        first = False
        data = before + piece.lower()
        for mark, reason in _MARKS.items():
            if mark in data:
                raise InvalidFile(reason, "an embedded package, or macros in an embedded file")
        before = data[-_LONGEST:]
