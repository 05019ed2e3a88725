"""What a file is, by content alone."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.media.identification import identify
from chatflow.media.profiles import FORMATS
from chatflow.media.ranges import over
from tests import samples
from tests.compound_file import ole

KNOWN: dict[Callable[[], bytes], str] = {
    samples.photo_jpg: "jpeg",
    samples.photo_png: "png",
    samples.model_usdz: "usdz",
    samples.document_pdf: "pdf",
    samples.document_docx: "docx",
    samples.document_xlsx: "xlsx",
    samples.document_pptx: "pptx",
    samples.document_doc: "doc",
    samples.document_xls: "xls",
    samples.document_ppt: "ppt",
    samples.audio_aac: "aac",
    samples.audio_amr: "amr",
    samples.audio_mp3: "mp3",
    samples.audio_mp3_bare: "mp3",
    samples.audio_mp3_low: "mp3",
    samples.audio_m4a: "m4a",
    samples.audio_mp4: "m4a",
    samples.audio_opus: "opus",
    samples.video_mp4: "mp4",
    samples.video_mp4_faststart: "mp4",
    samples.video_mp4_fragmented: "mp4",
}
NOT_OURS = [
    samples.audio_wav,
    samples.audio_vorbis,
    samples.video_mov,
    samples.video_3gp,
    samples.video_webm,
    samples.archive_zip,
    samples.document_docm,
]


def identified(data: bytes) -> str | None:
    found = identify(over(data), len(data))
    return found.name if found else None


@pytest.mark.parametrize("sample", KNOWN, ids=lambda sample: sample.__name__)
def test_every_format_of_the_guide_is_known_by_its_content(sample: Callable[[], bytes]) -> None:
    assert identified(sample()) == KNOWN[sample]


def test_no_format_of_the_guide_is_without_a_sample() -> None:
    assert set(KNOWN.values()) == set(FORMATS)


@pytest.mark.parametrize("sample", NOT_OURS, ids=lambda sample: sample.__name__)
def test_what_only_looks_like_one_of_ours_is_none(sample: Callable[[], bytes]) -> None:
    assert identified(sample()) is None


@pytest.mark.parametrize("form", ["GIF", "WEBP", "TIFF", "BMP"])
def test_other_pictures_are_none(form: str) -> None:
    assert identified(samples.image(form)) is None


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xd8\xff", b"%PDF-", b"PK\x03\x04", b"OggS", b"#!AMR\n", b"ID3"])
def test_a_beginning_alone_is_none(data: bytes) -> None:
    assert identified(data) is None


def test_text_and_zeros_are_none() -> None:
    assert identified(b"hello, this is no file of any kind\n" * 100) is None
    assert identified(bytes(100_000)) is None


def test_a_table_inside_a_word_file_does_not_make_it_a_spreadsheet() -> None:
    assert identified(ole("WordDocument", "1Table", deeper=("Workbook",))) == "doc"


def test_an_encrypted_office_file_is_none() -> None:
    assert identified(ole("EncryptedPackage", "EncryptionInfo")) is None


@pytest.mark.parametrize("directory_last", [False, True])
def test_a_large_old_office_file_is_known_wherever_its_directory_lies(directory_last: bool) -> None:
    data = ole("PowerPoint Document", "Pictures", content=4_500_000, directory_last=directory_last)
    assert len(data) > 8_000_000  # beyond what the table of tables in the header covers
    assert identified(data) == "ppt"


def test_a_zip_with_something_before_it_is_none() -> None:
    assert identified(b"PK\x03\x04MZ" + samples.document_docx()) is None
    fitted = io.BytesIO(b"PK\x03\x04MZ")
    with zipfile.ZipFile(io.BytesIO(samples.document_docx())) as old, zipfile.ZipFile(fitted, "a") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert identified(fitted.getvalue()) is None


def test_a_word_file_that_hides_macros_is_none() -> None:
    out = io.BytesIO(samples.document_docx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"macros")
    assert identified(out.getvalue()) is None


def test_a_zip_whose_directory_lies_about_an_entry_is_none() -> None:
    data = samples.document_docx()
    first = data.index(b"[Content_Types].xml")
    assert identified(data[:first] + b"[Contents_Type].xml" + data[first + 19 :]) is None


def test_content_types_that_inflate_without_end_are_not_held() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", bytes(50_000_000) + b"wordprocessingml.document.main+xml")
    tracemalloc.start()
    assert identified(out.getvalue()) is None
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.parametrize("start", [b"\xff\xfb\x90\x00", b"\xff\xf1\x50\x80\x02\x1f\xfc", b"#!AMR\n<"])
def test_one_frame_of_sound_and_then_a_page_is_none(start: bytes) -> None:
    assert identified(start + b"<html><script>alert(1)</script></html>" * 100) is None


def test_a_track_that_claims_more_than_its_film_has_is_none() -> None:
    film = bytearray(samples.video_mp4())
    at = film.index(b"trak") - 4
    film[at : at + 4] = (int.from_bytes(film[at : at + 4], "big") + 9000).to_bytes(4, "big")
    assert identified(bytes(film)) is None


def test_a_video_cut_off_before_its_index_is_none() -> None:
    assert identified(samples.video_mp4()[:-4000]) is None


def test_an_mp3_behind_a_large_cover_picture_is_known() -> None:
    size = 700_000
    tag = b"ID3\x04\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + bytes(size)
    assert identified(tag + samples.audio_mp3_bare()) == "mp3"


def test_a_large_container_is_known_by_a_few_small_reads() -> None:
    film = samples.video_mp4()
    start = film.index(b"mdat") - 4
    length = int.from_bytes(film[start : start + 4], "big")
    padded = film[:start] + (length + 5_000_000).to_bytes(4, "big") + film[start + 4 : start + length]
    data = padded + bytes(5_000_000) + film[start + length :]
    reads: list[int] = []

    def read(offset: int, length: int) -> bytes:
        reads.append(length)
        return data[offset : offset + length]

    found = identify(read, len(data))
    assert found == FORMATS["mp4"]
    assert len(reads) <= 10
    assert sum(reads) < 8_000


def test_a_read_that_fails_is_not_taken_for_a_broken_file() -> None:
    class Gone(Exception):
        pass

    def read(offset: int, length: int) -> bytes:
        raise Gone

    with pytest.raises(Gone):
        identify(read, 1000)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(KNOWN)), st.data())
def test_no_damage_makes_it_raise(sample: Callable[[], bytes], data: st.DataObject) -> None:
    content = bytearray(sample())
    places = st.one_of(
        st.integers(0, min(len(content), 4096) - 1), st.integers(max(0, len(content) - 4096), len(content) - 1)
    )
    for place in data.draw(st.lists(places, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    identify(over(bytes(content)), len(content))
    identify(over(bytes(content[:cut])), cut)
