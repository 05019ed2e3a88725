"""Hostile and unlucky files: what becomes of each. The numbers are those of the project's list of bad inputs.

Not here: 48 (malware: a scanner's task), 53 to 63 (names, in test_filenames.py and in test_multipart_bodies.py of
`adapters/http`), 64 (a list of strings that others publish), 66 (there are no exports to spreadsheets).
"""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from functools import cache

import pytest

from chatflow.errors import MediaRejected
from chatflow.media import REASONS
from chatflow.media.identification import identify
from chatflow.media.media_rules import check_content
from chatflow.media.profiles import MB, PRODUCT
from tests import samples
from tests.compound_file import ole
from tests.fakes.media_store import reader_of
from tests.unit.chatflow.media import hostile
from tests.unit.chatflow.media.hostile import PAGE, TYPES, WORD, word, zipped

XXE = f'<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>{WORD}'


@cache
def refused() -> dict[str, tuple[str, bytes]]:
    """Each case with the reason of its refusal; made when the tests run, for some take long to make."""
    jpg, png, pdf = samples.photo_jpg(), samples.photo_png(), samples.document_pdf()
    return {
        "01 nothing": ("empty", b""),
        "02 one byte": ("unknown_format", b"\xff"),
        "03 the beginning of a JPEG": ("truncated", b"\xff\xd8\xff"),
        "03 the beginning of a PDF": ("unknown_format", b"%PDF-"),
        "03 the beginning of a zip": ("truncated", b"PK\x03\x04"),
        "03 the beginning of an Ogg": ("truncated", b"OggS"),
        "03 the beginning of an AMR": ("unknown_format", b"#!AMR\n"),
        "03 the beginning of a tag": ("unknown_format", b"ID3"),
        "04 half a JPEG": ("truncated", jpg[: len(jpg) // 2]),
        "05 a PNG without its end": ("truncated", png[:-12]),
        "05 half a PNG": ("truncated", png[: len(png) // 2]),
        "06 a film without its index": ("truncated", samples.video_mp4()[:-4000]),
        "06 a film cut behind its index": ("truncated", samples.video_mp4_faststart()[:-3000]),
        "06 a recording cut short": ("truncated", samples.audio_m4a()[:5000]),
        "06 the first box of a film alone": ("truncated", samples.video_mp4()[:32]),
        "07 a docx without its end": ("truncated", samples.document_docx()[:-30]),
        "07 half a docx": ("truncated", samples.document_docx()[:18_000]),
        "08 a PDF without its end": ("truncated", pdf.rpartition(b"startxref")[0]),
        "08 half a PDF": ("truncated", pdf[: len(pdf) // 2]),
        "08 an Ogg cut short": ("truncated", samples.audio_opus()[:-100]),
        "08 an MP3 cut short": ("truncated", hostile.cut_mp3()),
        "08 an xls cut short": ("truncated", samples.document_xls()[:-1024]),
        "09 a page": ("unknown_format", PAGE),
        "10 a drawing": ("unknown_format", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        "12 a program with %PDF in it": ("unknown_format", b"MZ" + bytes(198) + pdf),
        "13 a program before a zip": ("unknown_format", b"MZ" + samples.document_docx()),
        "13 a few bytes before a zip": ("broken", b"PK\x03\x04MZ" + samples.document_docx()),
        "14 a PDF that begins late": ("unknown_format", b"\n" * 900 + pdf),
        "15 a comment before a JPEG": ("unknown_format", b"<!--" + jpg),
        "17 a JPEG and a zip": ("mixed", jpg + samples.archive_zip()),
        "18 a PDF and a zip": ("mixed", pdf + samples.archive_zip()),
        "18 a PNG and a docx": ("mixed", png + samples.document_docx()),
        "18 a film and a zip": ("mixed", samples.video_mp4() + samples.archive_zip()),
        "18 an MP3 and a zip": ("mixed", samples.audio_mp3() + samples.archive_zip()),
        "19 a GIF that is a script": ("unknown_format", b"GIF89a=1;alert(1)//"),
        "20 many beginnings in one": (
            "truncated",
            b"%PDF-1.4\n" + b"PK\x03\x04" + jpg[:40] + png[:40] + b"OggS#!AMR\nMZ",
        ),
        "21 a zip with Word's folder alone": ("unknown_format", samples.archive_zip()),
        "22 a list of types that lists none": ("broken", zipped({TYPES: "x", "word/evil.exe": "MZ"})),
        "23 a docm that is called docx": ("macros", samples.document_docm()),
        "23 a docx that hides macros": ("macros", word(("word/vbaProject.bin", "x"))),
        "23 macros under another name": (
            "macros",
            word(
                types=WORD.replace(
                    "</Types>", '<Default Extension="x" ContentType="x/vnd.ms-office.vbaProject"/></Types>'
                )
            ),
        ),
        "23 macros of Excel 4": ("macros", word(("xl/macrosheets/sheet1.xml", "x"))),
        "24 fifty megabytes in fifty kilobytes": ("expands", word(("word/media/x.bin", bytes(50_000_000)))),
        "25 a list of types of sixty megabytes": ("expands", word(types=WORD + " " * 60_000_000)),
        "25 a list of types of two megabytes": ("expands", word(types=WORD + " " * 2_000_000)),
        "26 entities in the list of types": ("broken", word(types=XXE)),
        "27 a name that leads out": ("broken", word(("../../etc/cron.d/x", "x"))),
        "27 a name that leads to a drive": ("broken", word(("C:\\x.exe", "x"))),
        "28 too many entries": ("unreadable", word(*((f"word/{number:06}.xml", "") for number in range(3000)))),
        "28 overlapping entries": ("broken", hostile.overlapping_entries()),
        "28 a directory that lies about an entry": (
            "broken",
            word().replace(TYPES.encode(), b"[Contents_Type].xml", 1),
        ),
        "29 an OLE file of something else": ("unknown_format", ole("__properties_version1.0")),
        "29 an OLE file of everything": ("unknown_format", ole("Workbook", "WordDocument")),
        "31 an OLE directory behind the end": ("truncated", ole("WordDocument", directory_last=True)[:-512]),
        "31 an OLE directory nowhere": ("broken", hostile.directory_beyond_end()),
        "32 an OLE directory in a circle": ("broken", hostile.directory_in_a_circle()),
        "33 a docx under a password": ("encrypted", ole("EncryptedPackage", "EncryptionInfo")),
        "33 a doc under a password": ("encrypted", hostile.encrypted_doc()),
        "33 an xls under a password": ("encrypted", hostile.encrypted_xls()),
        "33 a ppt under a password": ("encrypted", ole("PowerPoint Document", "EncryptedSummary")),
        "33 a PDF under a password": ("encrypted", samples.document_pdf_encrypted()),
        "33 a zip under a password": ("encrypted", hostile.protected_entries()),
        "34 a doc with macros": ("macros", ole("WordDocument", deeper=("_VBA_PROJECT", "dir"))),
        "34 an xls with macros": ("macros", ole("Workbook", "_VBA_PROJECT_CUR")),
        "35 RTF": ("unknown_format", b"{\\rtf1\\ansi hello}"),
        "36 an index of no length": ("broken", hostile.film_with_index(bytes(4))),
        "36 an index of 2^62 bytes": ("truncated", hostile.film_with_index((2**31).to_bytes(4, "big"))),
        "36 five thousand boxes": ("unreadable", hostile.film_of_pieces(5000)),
        "38 QuickTime": ("unknown_format", samples.video_mov()),
        "38 3GP": ("unknown_format", samples.video_3gp()),
        "38 WebM": ("unknown_format", samples.video_webm()),
        "39 a tag before a page": ("unknown_format", b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + PAGE),
        "39 a frame of MP3 before a page": ("unknown_format", b"\xff\xfb\x90\x00" + PAGE * 100),
        "40 a frame of AAC before a page": ("unknown_format", b"\xff\xf1\x50\x80\x02\x1f\xfc" + PAGE * 100),
        "41 AMR's beginning before a page": ("unknown_format", b"#!AMR\n" + PAGE * 100),
        "41 three frames of AMR before a page": ("unknown_format", samples.audio_amr()[: 6 + 3 * 32] + PAGE * 100),
        "42 Vorbis": ("unknown_format", samples.audio_vorbis()),
        "42 Ogg of something": ("unknown_format", samples.audio_opus().replace(b"OpusHead", b"OpusHeat")),
        "43 a model that is packed": ("broken", hostile.model(method=zipfile.ZIP_DEFLATED)),
        "43 a program before the model": ("unknown_format", hostile.model("scene.exe", b"MZ")),
        "43 a program called a model": ("broken", hostile.model("scene.usda", b"MZ")),
        "43 a model out of its place": ("broken", hostile.model(shift=1)),
        "44 four hundred million pixels": ("expands", hostile.huge_png()),
        "45 a GIF that grows": ("unknown_format", b"GIF89a\xff\xff\xff\xff\0\0\0" + bytes(100)),
        "45 an icon": ("unknown_format", samples.image("ICO")),
        "45 a TIFF": ("unknown_format", samples.image("TIFF")),
        "47 HEIC": ("unknown_format", hostile.relative_of_mp4(b"heic")),
        "47 AVIF": ("unknown_format", hostile.relative_of_mp4(b"avif")),
        "50 a drawing for ImageMagick": (
            "unknown_format",
            b"push graphic-context\nviewbox 0 0 1 1\nfill 'url(https://x/|ls)'",
        ),
        "50 a list of films for FFmpeg": ("unknown_format", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"),
        "50 PostScript": ("unknown_format", b"%!PS\n(%pipe%id) (w) file\n"),
        "52 text as Windows writes it": ("unknown_format", "%PDF-1.4".encode("utf-16")),
    }


@cache
def taken() -> dict[str, tuple[str, bytes]]:
    """Each case with the name of its format."""
    jpg, pdf = samples.photo_jpg(), samples.document_pdf()
    return {
        # Phones write behind pictures, too; it goes on as a JPEG.
        "16 a JPEG with a page behind it": ("jpeg", jpg + PAGE),
        "46 a JPEG of many scans": ("jpeg", picture(progressive=True)),
        "47 a JPEG in the colours of print": ("jpeg", picture("CMYK")),
        "47 two pictures in one JPEG": ("jpeg", samples.image("MPO")),
        "49 a PDF with a script": (
            "pdf",
            pdf.replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction 1 0 R /JavaScript 1 0 R"),
        ),
        "49 a PDF that grew": ("pdf", pdf + b"\n9 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"),
        "49 a PDF with zeros behind it": ("pdf", pdf + bytes(50_000)),
    }


def test_what_is_refused() -> None:
    for case, (reason, data) in refused().items():
        found = identify(reader_of(data), len(data))
        rejected = check_content(PRODUCT, found, len(data))
        assert not found, case
        assert isinstance(rejected, MediaRejected), case
        assert rejected.reason == reason, case
        assert reason in REASONS, case
        assert "Please send" in rejected.user_message, case


def test_what_is_taken() -> None:
    for case, (name, data) in taken().items():
        found = identify(reader_of(data), len(data))
        assert found, case
        assert found.name == name, case


def picture(mode: str = "RGB", **how: object) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((200, 200), 90).convert(mode).save(out, "JPEG", **how)
    return out.getvalue()


def test_37_sound_where_a_film_is_wanted_and_the_other_way_round() -> None:
    for data, wanted in ((samples.audio_mp4(), "video"), (samples.video_mp4(), "audio")):
        rejected = check_content(PRODUCT.only([wanted]), identify(reader_of(data), len(data)), len(data))
        assert rejected is not None
        assert rejected.reason == "wrong_kind"


def test_51_a_file_is_taken_to_its_last_byte_and_no_further() -> None:
    data = samples.photo_png()
    png = identify(reader_of(data), len(data))
    assert check_content(PRODUCT, png, 5 * MB) is None
    rejected = check_content(PRODUCT, png, 5 * MB + 1)
    assert rejected is not None
    assert rejected.reason == "too_large"


@pytest.mark.parametrize("case", ["24 fifty megabytes in fifty kilobytes", "25 a list of types of two megabytes"])
def test_what_grows_is_never_held(case: str) -> None:
    data = refused()[case][1]
    tracemalloc.start()
    identify(reader_of(data), len(data))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000
