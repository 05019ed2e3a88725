"""A file of a hundred megabytes in each format, of which only the pieces that tell are there."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

from tests import samples
from tests.compound_file import ole
from tests.fakes.counted import Counted
from tests.unit.chatflow.media import hostile

LARGE = 100_000_000  # bytes


def with_content(sample: bytes, mark: bytes) -> Counted:
    """An MP4 whose box of pictures and sound is so large; what follows it follows it still."""
    start = sample.index(mark) - 4
    length = int.from_bytes(sample[start : start + 4], "big")
    more = LARGE - len(sample)
    head = sample[:start] + (length + more).to_bytes(4, "big") + sample[start + 4 : start + length]
    return Counted({0: head, len(head) + more: sample[start + length :]}, LARGE)


def between(head: bytes, tail: bytes) -> Counted:
    return Counted({0: head, LARGE - len(tail): tail}, LARGE)


def jpeg() -> Counted:
    data = samples.photo_jpg()
    scan = data.index(b"\xff\xda")
    segment = b"\xff\xe1\xff\xff" + bytes(65_533)  # what cameras write in front: a thumbnail, colours, places
    return between(data[:20] + segment * 3 + data[20 : scan + 500], data[-500:])


def png() -> Counted:
    return between(samples.photo_png()[:500], samples.photo_png()[-500:])


def pdf() -> Counted:
    """Its table is not near its end, and it is one that new programs write."""
    table = b"9 0 obj <</Type /XRef /Size 9 /Root 1 0 R /W [1 2 2]>> stream"
    return Counted({0: b"%PDF-1.7\n", 5_000_000: table, LARGE - 30: b"\nstartxref\n5000000\n%%EOF\n     "}, LARGE)


def office(first: str) -> Counted:
    """An Office file of some 1,300 parts and a hole of nearly all its bytes; its list of types comes last."""
    out = io.BytesIO()
    types = hostile.WORD.replace("wordprocessingml.document", first)
    parts = dict.fromkeys((f"word/media/a_longer_name_{number:05}.png" for number in range(1300)), "x")
    last = {hostile.TYPES: types, hostile.PACKAGE_RELS: hostile.MAIN, "word/document.xml": "<x/>"}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **last}.items():
            archive.writestr(name, content)
    data = out.getvalue()
    hole, more = data.index(b"PK\x03\x04", 40_000), LARGE - len(data)
    end = bytearray(data[hole:])
    directory = int.from_bytes(data[-6:-2], "little")
    at = directory - hole
    while end[at : at + 4] == b"PK\x01\x02":
        (offset,) = struct.unpack_from("<I", end, at + 42)
        if offset >= hole:
            struct.pack_into("<I", end, at + 42, offset + more)
        name, extra, comment = struct.unpack_from("<3H", end, at + 28)
        at += 46 + name + extra + comment
    struct.pack_into("<I", end, len(end) - 6, directory + more)
    return Counted({0: data[:hole], hole + more: bytes(end)}, LARGE)


def model() -> Counted:
    data = hostile.model()
    directory = int.from_bytes(data[-6:-2], "little")
    end = bytearray(data[directory:])
    struct.pack_into("<I", end, len(end) - 6, LARGE - len(end))
    return between(data[:directory], bytes(end))


def ogg() -> Counted:
    data = samples.audio_opus()
    return between(data[:2000], data[data.rindex(b"OggS") :])


def mp3() -> Counted:
    tag = b"ID3\x04\0\0\x02\x00\x00\x00"  # 4 MiB of a cover
    return Counted({0: tag, 4_194_314: samples.audio_mp3_bare()}, LARGE)


def old(stream: str) -> Counted:
    return Counted.of(ole.__wrapped__(stream, "1Table", content=LARGE // 2, directory_last=True))


LARGE_FILES: dict[str, Callable[[], Counted]] = {
    "jpeg": jpeg,
    "png": png,
    "usdz": model,
    "pdf": pdf,
    "docx": lambda: office("wordprocessingml.document"),
    "xlsx": lambda: office("spreadsheetml.sheet"),
    "pptx": lambda: office("presentationml.presentation"),
    "doc": lambda: old("WordDocument"),
    "xls": lambda: old("Workbook"),
    "ppt": lambda: old("PowerPoint Document"),
    "aac": lambda: Counted({0: samples.audio_aac()}, LARGE),
    "amr": lambda: Counted({0: samples.audio_amr()}, LARGE),
    "m4a": lambda: with_content(samples.audio_m4a(), b"mdat"),
    "mp3": mp3,
    "opus": ogg,
    "mp4": lambda: with_content(samples.video_mp4(), b"mdat"),
}
