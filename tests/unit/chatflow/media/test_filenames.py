"""What a file is called."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.media.filenames import MAX_BYTES, clean_filename
from chatflow.media.profiles import FORMATS

JPEG, PDF, OPUS, MP4, DOCX = (FORMATS[name] for name in ("jpeg", "pdf", "opus", "mp4", "docx"))


def test_a_plain_name_stays() -> None:
    assert clean_filename("Claim 2026-11.pdf", PDF) == "Claim 2026-11.pdf"
    assert clean_filename("Страховка №7.pdf", PDF) == "Страховка №7.pdf"
    assert clean_filename("IMG_0001.JPG", JPEG) == "IMG_0001.JPG"
    assert clean_filename("scan.jpeg", JPEG) == "scan.jpeg"


@pytest.mark.parametrize(
    ("found", "expected"), [(JPEG, "photo.jpg"), (PDF, "document.pdf"), (OPUS, "audio.ogg"), (MP4, "video.mp4")]
)
@pytest.mark.parametrize("announced", ["", " ", ".", "..", "///", "\u202e", "\r\n", "..\\..\\"])
def test_without_a_usable_name_a_file_is_called_by_its_kind(found: object, expected: str, announced: str) -> None:
    assert clean_filename(announced, found) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "announced", ["/etc/cron.d/a.pdf", "..\\..\\a.pdf", "C:\\Users\\x\\a.pdf", "../a.pdf/", "./a.pdf"]
)
def test_of_a_path_only_the_last_step_is_kept(announced: str) -> None:
    assert clean_filename(announced, PDF) == "a.pdf"


@pytest.mark.parametrize(
    ("announced", "expected"),
    [
        ("invoice.exe", "invoice.pdf"),
        ("invoice.pdf.exe", "invoice.pdf"),
        ("invoice.PDF.exe", "invoice.PDF"),
        ("invoice", "invoice.pdf"),
        ("plan v1.2", "plan v1.2.pdf"),
        ("Dr. Schmidt", "Dr. Schmidt.pdf"),
        ("archive.tar.gz", "archive.tar.pdf"),
        ("invoice.php.pdf", "invoice_php.pdf"),
        ("invoice.html.svg.pdf", "invoice_html_svg.pdf"),
        ("Mrs. Shaw v1.2 (copy).pdf", "Mrs. Shaw v1.2 (copy).pdf"),
    ],
)
def test_the_extension_tells_the_truth(announced: str, expected: str) -> None:
    assert clean_filename(announced, PDF) == expected


def test_nothing_that_is_not_seen_is_kept() -> None:
    assert clean_filename("cod\u202efdp.exe\u202c", PDF) == "codfdp.pdf"
    assert clean_filename('a"\r\nX-Evil: 1\r\n\r\nb.pdf', PDF) == "a_X-Evil_ 1b.pdf"
    assert clean_filename("nul\0byte.pdf", PDF) == "nulbyte.pdf"


def test_a_letter_and_its_accent_become_one_as_every_system_writes_them() -> None:
    assert clean_filename("re\u0301sume\u200d\u0301.pdf", PDF) == "r\u00e9sum\u00e9.pdf"


@pytest.mark.parametrize("announced", ["con", "NUL.txt", "com1.pdf", "Lpt9", "aux.x.pdf", "con .pdf"])
def test_names_of_windows_devices_are_set_apart(announced: str) -> None:
    assert clean_filename(announced, PDF).startswith("_")


def test_a_hidden_file_is_hidden_no_more() -> None:
    assert clean_filename(".bashrc.pdf", PDF) == "bashrc.pdf"
    assert clean_filename("...a.pdf", PDF) == "a.pdf"


def test_a_name_is_no_option_of_a_command() -> None:
    assert clean_filename("-rf.pdf", PDF) == "rf.pdf"
    assert clean_filename("--", PDF) == "document.pdf"


def test_a_long_name_is_cut_before_its_extension_and_between_characters() -> None:
    name = clean_filename("ж" * 500 + ".docx", DOCX)
    assert name.endswith("ж.docx")
    assert MAX_BYTES - 2 <= len(name.encode()) <= MAX_BYTES


@given(st.text(max_size=300), st.sampled_from(sorted(FORMATS)))
def test_whatever_is_announced_the_name_is_one_safe_step_and_stays_as_it_is(announced: str, name: str) -> None:
    cleaned = clean_filename(announced, FORMATS[name])
    assert clean_filename(cleaned, FORMATS[name]) == cleaned
    assert 0 < len(cleaned.encode()) <= MAX_BYTES
    assert not set(cleaned) & set('/\\:*?"<>|\r\n\0')
    assert not {unicodedata.category(each) for each in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not cleaned.startswith((".", " ", "-"))
