"""Files that are not what they claim to be, made from sound ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from tests import samples
from tests.compound_file import ole

PAGE = b"<html><script>alert(1)</script></html>"
TYPES = "[Content_Types].xml"
PACKAGE_RELS = "_rels/.rels"
WORD = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)


def related(*targets: tuple[str, str] | tuple[str, str, str]) -> str:
    """A list of relationships: the last segment of the type, the target, and the mode of each."""
    folder = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    each = "".join(
        f'<Relationship Id="r{number}" Type="{folder}/{kind}" '
        f'Target="{target}" TargetMode="{mode[0] if mode else "Internal"}"/>'
        for number, (kind, target, *mode) in enumerate(targets)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{each}</Relationships>'


MAIN = related(("officeDocument", "word/document.xml"))


def zipped(entries: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(*more: tuple[str, str | bytes], types: str = WORD) -> bytes:
    """The least that is a Word file, with more in it."""
    return zipped({TYPES: types, PACKAGE_RELS: MAIN, "word/document.xml": "<x/>", **dict(more)})


def protected_entries() -> bytes:
    """Every entry says that it is encrypted."""
    data = bytearray(samples.document_docx())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1
        at += 4
    return bytes(data)


def overlapping_entries() -> bytes:
    """The second entry begins within the first."""
    data = bytearray(word())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    struct.pack_into("<I", data, second + 42, 8)
    return bytes(data)


def huge_png(width: int = 20_000, height: int = 20_000) -> bytes:
    """All black, in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes((1 + width // 8) * 1000), 9)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def film_with_index(length: bytes) -> bytes:
    """Its index claims to be so long."""
    film = samples.video_mp4_faststart()
    at = film.index(b"moov")
    return film[: at - 4] + length + film[at:]


def film_of_pieces(count: int) -> bytes:
    """So many boxes of nothing before the index."""
    film = samples.video_mp4()
    return film[:32] + b"\0\0\0\x08free" * count + film[32:]


def relative_of_mp4(brand: bytes) -> bytes:
    return struct.pack(">I4s4sI", 16, b"ftyp", brand, 0) + struct.pack(">I4s", 1008, b"mdat") + bytes(1000)


def model(first: str = "scene.usda", content: bytes = b"#usda 1.0\n", method: int = 0, shift: int = 0) -> bytes:
    """A USDZ of one stage, on a 64-byte boundary unless shifted."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        entry = zipfile.ZipInfo(first)
        entry.compress_type = method
        padding = -(30 + len(first) + 4) % 64 + shift
        entry.extra = struct.pack("<HH", 0x1986, padding) + bytes(padding)
        archive.writestr(entry, content * 20)
    return out.getvalue()


def directory_beyond_end() -> bytes:
    data = bytearray(ole("WordDocument"))
    struct.pack_into("<I", data, 48, 5000)
    return bytes(data)


def directory_in_a_circle() -> bytes:
    """The directory's sector is followed by itself."""
    data = bytearray(ole("WordDocument"))
    (first,) = struct.unpack_from("<I", data, 48)
    struct.pack_into("<I", data, 512 + first * 4, first)
    return bytes(data)


def encrypted_doc() -> bytes:
    """The bit of Word's own header, in its stream."""
    data = bytearray(ole("WordDocument", "1Table"))
    data[_stream(data) + 11] |= 1
    return bytes(data)


def encrypted_xls() -> bytes:
    """A beginning, then the record of a password."""
    data = bytearray(ole("Workbook"))
    at = _stream(data)
    data[at : at + 30] = struct.pack("<HH16xHH6x", 0x809, 16, 0x2F, 6)
    return bytes(data)


def _stream(data: bytearray) -> int:
    """Where the first stream's content begins."""
    (directory,) = struct.unpack_from("<I", data, 48)
    (first,) = struct.unpack_from("<I", data, (directory + 1) * 512 + 128 + 116)
    return int((first + 1) * 512)


def cut_mp3() -> bytes:
    """It counts its bytes in its first frame, and has half of them."""
    data = samples.audio_mp3()
    return data[: len(data) // 2]
