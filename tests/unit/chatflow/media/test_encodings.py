"""How files are encoded that few programs show, and where a person or a flow learns of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from asset_processing.asset_rules import check_shown
from chatflow.channels.whatsapp.profile import PROFILE as WHATSAPP
from chatflow.flows.asset_files import Asset, refusal
from chatflow.media.identification import identify, identify_file
from chatflow.media.media_rules import check_content, check_sendable
from chatflow.media.profiles import FORMATS, PRODUCT, Format
from chatflow.media.reference import MediaReference
from tests import samples
from tests.fakes.media_store import reader_of


def film(*how: str) -> bytes:
    return samples._film(".mp4", *how)


def picture(mode: str, form: str = "JPEG") -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new(mode, (64, 48)).save(out, form)
    return out.getvalue()


UNUSUAL: dict[str, tuple[str, Callable[[], bytes]]] = {
    "HEVC": ("HEVC", lambda: film("-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=error")),
    "HEVC, as ffmpeg marks it": ("HEVC", lambda: film("-c:v", "libx265", "-x265-params", "log-level=error")),
    "AV1": ("AV1", lambda: film("-c:v", "libaom-av1", "-cpu-used", "8")),
    "MPEG-4 Part 2": ("MPEG-4 Part 2", lambda: film("-c:v", "mpeg4")),
    "MPEG-4 Part 2, index first": ("MPEG-4 Part 2", lambda: film("-c:v", "mpeg4", "-movflags", "+faststart")),
    "VP9": ("VP9", lambda: film("-c:v", "libvpx-vp9")),
    "MPEG-2": ("MPEG-2 video", lambda: film("-c:v", "mpeg2video")),
    "fragments of HEVC": (
        "HEVC",
        lambda: film("-c:v", "libx265", "-x265-params", "log-level=error", "-movflags", "+frag_keyframe+empty_moov"),
    ),
    "sound in AC-3": ("AC-3", lambda: film("-c:v", "libx264", "-c:a", "ac3")),
    "sound in MP3": ("MP3", lambda: film("-c:v", "libx264", "-c:a", "libmp3lame")),
    "sound alone in Apple's format": ("ALAC", lambda: samples._sound(".m4a", "-c:a", "alac")),
    "a picture for print": ("CMYK", lambda: picture("CMYK")),
    "16 bits a colour": ("16 bits a colour", lambda: picture("I;16", "PNG")),
}
USUAL: list[Callable[[], bytes]] = [
    *(samples.video_mp4, samples.video_mp4_faststart, samples.video_mp4_fragmented, samples.audio_m4a),
    *(samples.audio_mp4, samples.photo_jpg, samples.photo_png),
    *(lambda: picture("L"), lambda: picture("1", "PNG"), lambda: picture("P", "PNG"), lambda: picture("RGBA", "PNG")),
    *(lambda: film("-an"), lambda: film("-c:v", "libx264", "-pix_fmt", "yuv420p", "-profile:v", "baseline")),
]


def found_in(data: bytes) -> Format:
    found = identify(reader_of(data), len(data))
    assert isinstance(found, Format)
    return found


@pytest.mark.parametrize("case", UNUSUAL)
def test_an_unusual_encoding_is_told_wherever_the_file_is_sent(case: str) -> None:
    encoding, make = UNUSUAL[case]
    data = make()
    found = found_in(data)
    assert found.encoding == encoding
    assert found == FORMATS[found.name], "it is the same format"
    asset = Asset("a", len(data), "ab", found)
    assert encoding in refusal(asset, WHATSAPP)
    assert refusal(asset, PRODUCT) == ""
    assert encoding in check_shown({"WhatsApp": WHATSAPP}, found)
    assert check_shown({"WhatsApp": WHATSAPP, "another": PRODUCT}, found) == ""
    rejected = check_sendable(WHATSAPP, found, len(data))
    assert rejected is not None
    assert rejected.reason == "not_shown"
    assert check_content(PRODUCT.narrowed_by(WHATSAPP), found, len(data)) is None, "customers may send it"


@pytest.mark.parametrize("number", range(len(USUAL)))
def test_a_usual_encoding_is_not_mentioned(number: int) -> None:
    data = USUAL[number]()
    assert found_in(data).encoding == ""
    assert check_sendable(WHATSAPP, found_in(data), len(data)) is None


def test_a_film_that_does_not_say_how_it_is_encoded_counts_as_usual() -> None:
    data = samples.video_mp4().replace(b"stsd", b"stsx")
    assert found_in(data).encoding == ""


def test_a_reference_keeps_the_encoding_only_where_there_is_one(tmp_path: Path) -> None:
    plain = MediaReference("k", "s", 1, "video/mp4", "video", "a.mp4")
    assert "encoding" not in plain.to_json()
    assert MediaReference.from_json(plain.to_json()) == plain
    unusual = MediaReference("k", "s", 1, "video/mp4", "video", "a.mp4", encoding="HEVC")
    assert MediaReference.from_json(unusual.to_json()) == unusual
    (tmp_path / "a.jpg").write_bytes(picture("CMYK"))
    found = identify_file(tmp_path / "a.jpg")
    assert isinstance(found, Format)
    assert found.encoding == "CMYK"
