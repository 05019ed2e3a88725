"""Sound files as phones and programs write them, which a strict reader might refuse."""

from __future__ import annotations

import random
import struct

import pytest

from chatflow.media.identification import identify
from chatflow.media.profiles import Format
from tests import samples
from tests.fakes.media_store import reader_of
from tests.unit.chatflow.media.hostile import word

_NOISE = random.Random(4).randbytes(60_000)  # noqa: S311  # nosec B311


def judged(data: bytes) -> str:
    found = identify(reader_of(data), len(data))
    return found.name if isinstance(found, Format) else found.reason


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def photo(*segments: bytes) -> bytes:
    """A photo whose header holds more."""
    plain = samples.photo_jpg()
    return plain[:2] + b"".join(segments) + plain[2:]


EXIF = segment(0xE1, b"Exif\0\0" + _NOISE)
MOTION = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b'<x:xmpmeta GCamera:MotionPhoto="1"/>' + b" " * 2000)
SEVERAL = segment(0xE2, b"MPF\0" + bytes(80))
COLOURS = [segment(0xE2, b"ICC_PROFILE\0" + bytes([each, 5]) + bytes(65_519)) for each in range(1, 6)]
NOTHING_MORE = struct.pack("<4sBBq3IB", b"OggS", 0, 4, 0, *struct.unpack("<I", samples.audio_opus()[14:18]), 2, 0, 0)

EVERYDAY: dict[str, tuple[str, bytes]] = {
    "a photo with a preview in its Exif": ("jpeg", photo(EXIF)),
    "a photo with a long profile of colours": ("jpeg", photo(EXIF, *COLOURS)),
    "a motion photo of a Pixel": ("jpeg", photo(EXIF, MOTION) + samples.video_mp4()),
    "a motion photo of a Samsung": ("jpeg", photo(EXIF) + samples.video_mp4() * 20 + b"SEFH" + bytes(40) + b"SEFT"),
    "a photo with a film behind it that nothing announces": ("jpeg", photo(EXIF) + samples.video_mp4()),
    "a photo with a map of its brightness": ("jpeg", photo(EXIF, SEVERAL) + photo(EXIF)),
    "an MP3 with tags at its end": ("mp3", samples.audio_mp3() + b"APETAGEX" + bytes(300) + b"TAG" + bytes(125)),
    "an AAC with a tag, as streams are cut": ("aac", b"ID3\4\0\0\0\0\0\x3f" + bytes(63) + samples.audio_aac()),
    "a PDF of a web site, behind a mark for UTF-8": ("pdf", b"\xef\xbb\xbf" + samples.document_pdf()),
    "a PDF of a web site, behind blank lines": ("pdf", b"\r\n\r\n" + samples.document_pdf_plain()),
    "a voice note that ends in a page of nothing": ("opus", samples.audio_opus() + NOTHING_MORE),
}


@pytest.mark.parametrize("case", EVERYDAY)
def test_an_everyday_file_is_taken(case: str) -> None:
    name, data = EVERYDAY[case]
    assert judged(data) == name


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf" + b"\n" * 14])
def test_a_protected_pdf_is_known_although_something_stands_before_it(before: bytes) -> None:
    body = b"%PDF-1.5\n" + b"x" * 70_000 + b"\nendstream\nendobj\n"
    table = b"9 0 obj\n<</Type/XRef/Encrypt 7 0 R>>\nstream\nx\nendstream\nendobj\n"
    data = before + body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)
    assert judged(data) == "encrypted"


def test_a_page_of_nothing_that_is_not_whole_is_no_end() -> None:
    assert judged(samples.audio_opus() + NOTHING_MORE[:-1]) == "truncated"


@pytest.mark.parametrize("sample", [samples.document_docx, samples.document_xlsx, samples.document_pptx])
def test_an_office_file_that_was_written_as_a_stream_is_taken(sample: object) -> None:
    """Apache POI's streaming workbooks, which many banks and insurers send, are zip64 whatever their size."""
    assert callable(sample)
    plain = sample()
    assert judged(as_zip64(plain)) == judged(plain)


def test_a_zip_whose_two_ends_disagree_is_broken() -> None:
    plain = samples.document_docx()
    assert judged(as_zip64(plain, narrow_count=1)) == "broken"
    assert judged(as_zip64(plain, wide_count=-1)) == "broken"
    assert judged(as_zip64(plain, place=-1)) == "broken"
    assert judged(as_zip64(plain, extra=9)) == "broken"


def test_an_entry_that_is_not_counted_is_no_hiding_place() -> None:
    """Python and Office read a directory to its end, and would find the macros."""
    data = bytearray(word(("word/vbaProject.bin", "x")))
    at = data.rindex(b"PK\5\6")
    struct.pack_into("<HH", data, at + 8, 2, 2)
    assert judged(bytes(data)) == "broken"


def test_entries_that_overlap_by_their_wide_numbers_are_broken() -> None:
    assert judged(as_zip64(samples.document_docx(), longer=1_000_000)) == "broken"


def as_zip64(
    plain: bytes, *, narrow_count: int = 0xFFFF, wide_count: int = 0, place: int = 0, extra: int = 1, longer: int = 0
) -> bytes:
    """The same zip with every size and place in 64 bits; the arguments make it contradict itself."""
    at = plain.rindex(b"PK\5\6")
    count, _, offset = struct.unpack_from("<HII", plain, at + 10)
    directory = b""
    entry = offset
    for _ in range(count):
        fields = list(struct.unpack_from("<4s6H3I5H2I", plain, entry))
        title = plain[entry + 46 : entry + 46 + fields[10]]
        wide = struct.pack("<HHQQQ", extra, 24, fields[9], fields[8] + longer, fields[16])
        behind = entry + 46 + fields[10]
        rest = plain[behind : behind + fields[11] + fields[12]]
        entry = behind + len(rest)
        fields[8] = fields[9] = fields[16] = 0xFFFFFFFF
        fields[11] += len(wide)
        directory += struct.pack("<4s6H3I5H2I", *fields) + title + wide + rest
    many = count + wide_count
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, many, many, len(directory), offset)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, offset + len(directory) + place, 1)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, narrow_count, narrow_count, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return plain[:offset] + directory + record + locator + end


APE = struct.pack("<8sIIIIQ", b"APETAGEX", 2000, 332, 1, 0xA0000000, 0) + bytes(332)
ID3 = b"ID3\4\0\0\0\0\0\x0a" + bytes(10)
DETAILS = [segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + _NOISE) for _ in range(7)]


@pytest.mark.parametrize(
    "before",
    [APE, bytes(1000), bytes(20_000), ID3 + APE, APE + ID3, APE + bytes(5000), bytes(500) + ID3 + bytes(500)],
)
def test_an_mp3_is_taken_behind_any_tags_and_zeros(before: bytes) -> None:
    assert judged(before + samples.audio_mp3_bare()) == "mp3"
    assert judged(before + samples.audio_mp3_bare() + APE) == "mp3"


def test_zeros_and_tags_alone_are_no_mp3() -> None:
    assert judged(bytes(1000)) == "unknown_format"
    assert judged(APE) == "truncated"
    assert judged(APE + b"<html>" * 100) == "unknown_format"


@pytest.mark.parametrize("count", [1, 7, 40])
def test_a_photo_is_taken_whatever_the_size_of_its_header(count: int) -> None:
    """Extended XMP, depth maps, previews and provenance: 420 KB, and over 2 MB."""
    assert judged(photo(EXIF, *DETAILS * count)) == "jpeg"
    assert judged(photo(EXIF, *DETAILS * count)[:-2]) == "truncated"


def test_a_photo_with_many_small_segments_is_taken() -> None:
    assert judged(photo(*[segment(0xFE, b"a comment")] * 300)) == "jpeg"
    assert judged(photo(*[segment(0xFE, b"")] * 3000)) == "unreadable"
