"""What a file is, by content alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatflow.media.identification import identify, identify_by_head
from chatflow.media.profiles import FORMATS, Format
from chatflow.media.ranges import InvalidFile
from tests import samples
from tests.compound_file import ole
from tests.fakes.media_store import reader_of

KNOWN: dict[Callable[[], bytes], str] = {
    samples.photo_jpg: "jpeg",
    samples.photo_png: "png",
    samples.model_usdz: "usdz",
    samples.model_usdz_packed: "usdz",
    samples.document_pdf: "pdf",
    samples.document_pdf_plain: "pdf",
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
NOT_RESERVED_HEADERS = [
    samples.audio_wav,
    samples.audio_vorbis,
    samples.video_mov,
    samples.video_3gp,
    samples.video_webm,
    samples.archive_zip,
]


def judged(data: bytes) -> str:
    """The name of the format, or the reason why there is none."""
    found = identify(reader_of(data), len(data))
    return found.name if isinstance(found, Format) else found.reason


@pytest.mark.parametrize("sample", KNOWN, ids=lambda sample: sample.__name__)
def test_every_format_of_the_guide_is_known_by_its_content(sample: Callable[[], bytes]) -> None:
    assert judged(sample()) == KNOWN[sample]


def test_no_format_of_the_guide_is_without_a_sample() -> None:
    assert set(KNOWN.values()) == set(FORMATS)


@pytest.mark.parametrize("sample", NOT_RESERVED_HEADERS, ids=lambda sample: sample.__name__)
def test_what_only_looks_like_one_of_ours_is_none(sample: Callable[[], bytes]) -> None:
    assert judged(sample()) == "unknown_format"


@pytest.mark.parametrize("form", ["GIF", "WEBP", "TIFF", "BMP", "ICO"])
def test_other_pictures_are_none(form: str) -> None:
    assert judged(samples.image(form)) == "unknown_format"


@pytest.mark.parametrize("sample", KNOWN, ids=lambda sample: sample.__name__)
def test_what_a_file_begins_as_is_what_it_is(sample: Callable[[], bytes]) -> None:
    data = sample()
    assert identify_by_head(reader_of(data), len(data)) == FORMATS[KNOWN[sample]]


@pytest.mark.parametrize("sample", [samples.photo_jpg, samples.photo_png, samples.document_pdf, samples.audio_mp3])
def test_what_a_file_begins_as_is_told_without_its_end(sample: Callable[[], bytes]) -> None:
    data = sample()[:4000]
    assert identify_by_head(reader_of(data), 90_000_000) == FORMATS[KNOWN[sample]]


def test_text_and_zeros_are_none() -> None:
    assert judged(b"hello, this is no file of any kind\n" * 100) == "unknown_format"
    assert judged(bytes(100_000)) == "unknown_format"


def test_a_table_inside_a_word_file_does_not_make_it_a_spreadsheet() -> None:
    assert judged(ole("WordDocument", "1Table", deeper=("Workbook",))) == "doc"


@pytest.mark.parametrize("directory_last", [False, True])
def test_a_large_old_office_file_is_known_wherever_its_directory_lies(directory_last: bool) -> None:
    data = ole("PowerPoint Document", "Pictures", content=4_500_000, directory_last=directory_last)
    assert len(data) > 8_000_000  # beyond what the table of tables in the header covers
    assert judged(data) == "ppt"


def test_an_mp3_behind_a_large_cover_picture_is_known() -> None:
    size = 700_000
    tag = b"ID3\x04\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + bytes(size)
    assert judged(tag + samples.audio_mp3_bare()) == "mp3"
    assert judged(tag + bytes(2000) + samples.audio_mp3_bare()) == "mp3"


def test_what_phones_write_behind_a_picture_does_no_harm() -> None:
    assert judged(samples.image("MPO")) == "jpeg"
    assert judged(samples.photo_jpg() + b"\0" * 3000) == "jpeg"
    assert judged(samples.photo_png() + b"more") == "png"
    film_behind = samples.photo_jpg() + samples.video_mp4().replace(b"\xff\xd9", b"\xff\xd8") + bytes(70_000)
    announced = (
        film_behind.replace(b"JFIF\0", b"JFIF\0", 1)[:20] + b"\xff\xe1\0\x18http://x MotionPhoto=1" + film_behind[20:]
    )
    assert judged(film_behind) == "truncated"  # for all that can be known of it
    assert judged(announced) == "jpeg"


def test_an_unfit_file_is_not_true_and_tells_why() -> None:
    found = identify(reader_of(b"x"), 1)
    assert isinstance(found, InvalidFile)
    assert not found
    assert found.reason == "unknown_format"


@pytest.mark.parametrize("error", [OSError, ValueError, KeyError])
def test_a_read_that_fails_is_not_taken_for_a_broken_file(error: type[Exception]) -> None:
    def read(offset: int, length: int) -> bytes:
        raise error

    with pytest.raises(error):
        identify(read, 1000)
