"""Reads a part of an Office file as XML, in pieces and within limits.

Expat reads it as Office does: entities of characters, comments, prefixes and encodings are no hiding place. A document
type is refused, and with it every entity that a file might declare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from chatflow.media.ranges import InvalidFile

MAX_DEPTH = 512  # elements within one another
_MAX_TOKEN = 1_048_576  # bytes of one piece of markup: expat would hold a longer one


def read_xml(
    pieces: Iterable[bytes],
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call back for each element, by its name without a prefix and its attributes as written, and for each text.

    Raises InvalidFile when this is no XML, or nests too deeply.
    """
    from xml.parsers import expat  # loaded only for Office files, as functions start more quickly without

    depth = 0

    def started(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise InvalidFile("unreadable", "a part that nests too deeply")
        start(local_name(name), attributes)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end:
            end(local_name(name))

    def declares(*_: object) -> None:
        raise InvalidFile("broken", "a part with a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.StartDoctypeDeclHandler = declares
    if text:
        parser.CharacterDataHandler = text
    fed = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                raise InvalidFile("unreadable", "a part with markup that never ends")
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, UnicodeError) as error:
        raise InvalidFile("broken", f"a part that is no XML: {type(error).__name__}") from error


def local_name(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]
