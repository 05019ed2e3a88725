"""Files that hide what they are, by the kind of disguise; and the everyday files that look alike and are taken.

H1, M1, L7 and E3 are the rows of the list of attacks that this was first seen in."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.media.formats.active_content import is_remote
from chatflow.media.identification import identify
from chatflow.media.profiles import Format
from tests import samples
from tests.compound_file import ole
from tests.fakes.media_store import reader_of
from tests.unit.chatflow.media.hostile import MAIN, PACKAGE_RELS, TYPES, WORD, related, word, zipped

SETTINGS_RELS = "word/_rels/settings.xml.rels"
DOCUMENT_RELS = "word/_rels/document.xml.rels"
SVG = '<Default Extension="svg" ContentType="image/svg+xml"/>'
OLE_NAMES = [
    "Macros",
    "_VBA_PROJECT",
    "_VBA_PROJECT_CUR",
    "VBA",
    "EncryptedPackage",
    "EncryptedSummary",
    "\x01Ole10Native",
]
EXTERNAL = "External"


def judged(data: bytes, *, active_content: bool = False) -> str:
    found = identify(reader_of(data), len(data), active_content=active_content)
    return found.name if isinstance(found, Format) else found.reason


def with_types(*more: str) -> str:
    return WORD.replace("</Types>", "".join(more) + "</Types>")


def override(part: str, content_type: str) -> str:
    return f'<Override PartName="/{part}" ContentType="{content_type}"/>'


# H1: names in OLE files compare without case.


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_case_of_a_name_in_an_ole_file_changes_no_verdict(data: st.DataObject) -> None:
    root = data.draw(st.sampled_from(["WordDocument", "Workbook", "Book", "PowerPoint Document", "1Table"]))
    more = data.draw(st.lists(st.sampled_from(OLE_NAMES), max_size=1))
    deeper = tuple(data.draw(st.lists(st.sampled_from(OLE_NAMES), max_size=1)))
    names = [root, *more, *deeper]
    swapped = ["".join(data.draw(st.sampled_from([each.upper(), each.lower()])) for each in name) for name in names]
    count = 1 + len(more)
    verdicts = {
        judged(ole(*each[:count], deeper=tuple(each[count:])))
        for each in (names, swapped, [name.upper() for name in names], [name.lower() for name in names])
    }
    assert len(verdicts) == 1


@pytest.mark.parametrize("name", ["MACROS", "macros", "_vba_project", "_Vba_Project_Cur"])
def test_macros_in_an_old_office_file_are_found_in_any_case(name: str) -> None:
    assert judged(ole("WordDocument", name)) == "macros"
    assert judged(ole("Workbook", deeper=(name,))) == "macros"


# M1: Office files are read as Office reads them.

MACROS = {
    "a main type spelled with an entity": word(types=WORD.replace("document.main+xml", "macro&#69;nabled.main+xml")),
    "a project spelled with an entity": word(types=with_types(override("word/x.bin", "application/vba&#80;roject"))),
    "a project spelled with a hexadecimal entity": word(types=with_types(override("x", "a/vba&#x50;roject"))),
    "a list of types in UTF-16": word(
        types=with_types(override("word/x.bin", "application/vnd.ms-office.vbaProject")).encode("utf-16")
    ),
    "a part in capitals": word(("word/VBAPROJECT.BIN", "x")),
    "a part with an encoded name": word(("word/vba%50roject.bin", "x")),
    "a relationship to a part of any name": word(
        (DOCUMENT_RELS, related(("vbaProject", "fonts.odttf"))), ("word/fonts.odttf", "x")
    ),
    "a relationship in other case": word((DOCUMENT_RELS, related(("VBAPROJECT", "a")))),
    "a relationship of a part deeper down": word((SETTINGS_RELS, related(("vbaProject", "a")))),
}
UNKNOWN = {
    "a Word type within a comment": word(types=f"<Types><!-- {WORD} --></Types>"),
    "a Word type of another part": zipped(
        {TYPES: WORD, PACKAGE_RELS: related(("officeDocument", "x.xml")), "x.xml": ""}
    ),
    "no relationship to a main part": zipped({TYPES: WORD, "word/document.xml": "<x/>"}),
}
BROKEN = {
    "two main parts": zipped(
        {
            TYPES: WORD,
            PACKAGE_RELS: related(("officeDocument", "word/document.xml"), ("officeDocument", "x.xml")),
            "word/document.xml": "",
        }
    ),
    "a document type in the relationships": word((DOCUMENT_RELS, '<!DOCTYPE a [<!ENTITY b "c">]><a/>')),
    "two parts that differ by case": word(("Word/Document.xml", "<y/>")),
    "two parts that differ by encoding": word(("word/%64ocument.xml", "<y/>")),
    "two parts that differ by slashes": word(("word\\document.xml", "<y/>")),
    "a part that leads outside by encoding": word(("word/%2e%2e/%2e%2e/x", "<y/>")),
}


@pytest.mark.parametrize("case", MACROS)
def test_macros_are_found_however_they_are_written(case: str) -> None:
    assert judged(MACROS[case]) == "macros"
    assert judged(MACROS[case], active_content=True) in ("macros", "docx" if "deeper" in case else "macros")


@pytest.mark.parametrize("case", UNKNOWN)
def test_a_file_without_a_main_part_of_word_is_no_word_file(case: str) -> None:
    assert judged(UNKNOWN[case]) == "unknown_format"


@pytest.mark.parametrize("case", BROKEN)
def test_a_package_that_contradicts_itself_is_broken(case: str) -> None:
    assert judged(BROKEN[case]) == "broken"


def test_a_main_part_is_found_under_any_name_and_in_any_case() -> None:
    data = zipped(
        {
            TYPES: WORD.replace("/word/document.xml", "/Other/Text.xml"),
            "_RELS/.Rels": MAIN.replace("word/document.xml", "/other/TEXT.xml"),
            "other/text.xml": "<x/>",
        }
    )
    assert judged(data) == "docx"


# L7: zip.


def with_unicode_path(path: str, *, central: bool = True, name: str = "word/a.bin") -> bytes:
    """A Word file of which one entry has a second name, in the directory or before its content alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, content in {TYPES: WORD, PACKAGE_RELS: MAIN, "word/document.xml": "<x/>", name: "x"}.items():
            entry = zipfile.ZipInfo(each)
            if each == (name if central else TYPES):
                data = struct.pack("<BI", 1, zlib.crc32(each.encode())) + path.encode()
                entry.extra = struct.pack("<HH", 0x7075, len(data)) + data
            archive.writestr(entry, content)
            if not central:
                entry.extra = b""
    return out.getvalue()


@pytest.mark.parametrize("path", ["../../etc/passwd", "word/vbaProject.bin", "/word/a.bin", "word/b.bin"])
def test_an_entry_with_a_second_name_is_broken(path: str) -> None:
    assert judged(with_unicode_path(path)) == "broken"
    assert judged(with_unicode_path(path, central=False)) == "broken"


def test_an_entry_whose_second_name_is_the_same_is_taken() -> None:
    assert judged(with_unicode_path("word/a.bin")) == "docx"
    assert judged(with_unicode_path("word/\u00e9t\u00e9.bin", name="word/\u00e9t\u00e9.bin")) == "docx"


@pytest.mark.parametrize("more", [bytes(64), bytes(4096), b"\r\n", bytes(20_000)])
def test_an_office_file_that_was_padded_is_taken(more: bytes) -> None:
    assert judged(samples.document_docx() + more) == "docx"
    assert judged(samples.document_xlsx() + more) == "xlsx"


def test_what_follows_a_zip_is_no_hiding_place() -> None:
    assert judged(samples.document_docx() + bytes(20) + b"MZ") == "broken"
    assert judged(samples.photo_jpg() + samples.archive_zip() + bytes(64)) == "mixed"


# E3: active content.


def field(*instruction: str) -> str:
    runs = "".join(f"<w:r><w:instrText>{each}</w:instrText></w:r>" for each in instruction)
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'{runs}<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>DDE</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def body(content: str) -> tuple[str, str]:
    return "word/document.xml", f'<w:document xmlns:w="w"><w:body><w:p>{content}</w:p></w:body></w:document>'


WORKBOOK_TYPES = WORD.replace("wordprocessingml.document", "spreadsheetml.sheet")
EMBEDDED = "word/embeddings/oleObject1.bin"
OBJECT = (DOCUMENT_RELS, related(("oleObject", "embeddings/oleObject1.bin")))
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACTIVE = {
    "a template of a web site": word(
        (SETTINGS_RELS, related(("attachedTemplate", "https://x.example/a.dotm", EXTERNAL)))
    ),
    "a template of a share": word((SETTINGS_RELS, related(("attachedTemplate", "\\\\host\\a\\b.dotm", EXTERNAL)))),
    "a template of a share as an address": word(
        (SETTINGS_RELS, related(("ATTACHEDTEMPLATE", "file://host/a/b.dotm", EXTERNAL)))
    ),
    "a linked object of a web site": word(
        (DOCUMENT_RELS, related(("oleObject", "mhtml:http://x.example/a!b", EXTERNAL)))
    ),
    "a frame of a web site": word(
        ("word/_rels/webSettings.xml.rels", related(("frame", "http://x.example", EXTERNAL)))
    ),
    "a DDE field": word(body(field('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"'))),
    "a DDE field in pieces": word(body(field(" ", "d", "D", "e", " cmd"))),
    "a DDE field spelled with an entity": word(body(field("&#68;DE cmd"))),
    "a DDE field in UTF-16": word((body("")[0], body(field("DDE cmd"))[1].encode("utf-16"))),
    "a simple DDE field": word(body('<w:fldSimple w:instr=" DDE cmd"/>')),
    "a DDE field without an end": word(
        body('<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>DDE x</w:instrText></w:r>')
    ),
    "a field that computes its name": word(
        body(f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{field("QUOTE 68 68 69")}')
    ),
    "a DDE field in a footer": word(
        ("word/footer1.xml", body(field("DDE cmd"))[1]),
        types=with_types(override("word/footer1.xml", "application/vnd.x.wordprocessingml.footer+xml")),
    ),
    "a DDE field in a header of another type": word(
        ("word/x.xml", body(field("DDE cmd"))[1]), (DOCUMENT_RELS, related(("header", "x.xml")))
    ),
    "an OLE package": word((EMBEDDED, ole("\x01Ole10Native")), OBJECT),
    "an OLE package in other case": word((EMBEDDED, ole("\x01OLE10nATIVE")), OBJECT),
    "an OLE package elsewhere": word(
        ("word/media/image1.bin", ole("\x01Ole10Native")), (DOCUMENT_RELS, related(("oleObject", "media/image1.bin")))
    ),
    "a program": word((EMBEDDED, b"MZ" + bytes(100)), OBJECT),
    "a script called a workbook": word(("word/embeddings/a.xlsx", "WScript.Shell"), OBJECT),
    "a control": word((DOCUMENT_RELS, related(("control", "activeX/activeX1.xml")))),
    "a DDE link of a workbook": zipped(
        {
            TYPES: WORKBOOK_TYPES,
            PACKAGE_RELS: MAIN,
            "word/document.xml": "<x/>",
            DOCUMENT_RELS: related(("externalLink", "l.xml")),
            "word/l.xml": '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>',
        }
    ),
    "an old Word file with an OLE package": ole("WordDocument", deeper=("\x01Ole10Native",)),
}
LOCAL_TEMPLATES = [
    "Normal.dotm",
    "file:///C:\\Users\\ann\\Templates\\Normal.dotm",
    "C:\\Normal.dotm",
    "file:///Users/a/N.dotm",
]


@pytest.mark.parametrize("case", ACTIVE)
def test_active_content_is_refused_unless_it_is_accepted(case: str) -> None:
    assert judged(ACTIVE[case]) == "active_content"
    assert judged(ACTIVE[case], active_content=True) in ("docx", "xlsx", "doc")


@pytest.mark.parametrize("template", LOCAL_TEMPLATES)
def test_a_local_template_is_taken(template: str) -> None:
    assert judged(word((SETTINGS_RELS, related(("attachedTemplate", template, EXTERNAL))))) == "docx"


@pytest.mark.parametrize(
    "target",
    [
        *("http://a/b", "HTTPS://a/b", "ftp://a/b", "//host/share/a.dotm", "\\\\host\\share", "file:////host/share"),
        *("file:///\\\\host\\share\\a", "file://host/share", "file:\\\\host\\share", "\\\\host@SSL\\DavWWWRoot\\a"),
        *("ht\ntp://a/b", "%68ttp://a/b", "ms-word:ofe|u|http://a", "//?/UNC/host/share/a", "/\\host/a"),
    ],
)
def test_a_target_on_another_computer_is_remote(target: str) -> None:
    assert is_remote(target)


@pytest.mark.parametrize(
    "target",
    [*LOCAL_TEMPLATES, "/Users/ann/N.dotm", "file://localhost/c:/a", "file:///c:/a", "../a.xlsx", "//?/C:/a", ""],
)
def test_a_target_on_this_computer_is_not(target: str) -> None:
    assert not is_remote(target)


def test_everyday_office_files_are_taken() -> None:
    """Links, pages, formulas and tables that other programs made."""
    link = ("hyperlink", "https://example.com/dde", EXTERNAL)
    picture = ("image", "https://example.com/a.png", EXTERNAL)
    assert judged(word((DOCUMENT_RELS, related(link, picture)))) == "docx"
    for instruction in ('HYPERLINK "https://example.com/DDE"', " PAGE ", "TOC \\o", "= DDE + 1", "MERGEFIELD dde"):
        assert judged(word(body(field(instruction)))) == "docx"
    nested = field("IF ").replace("IF </w:instrText></w:r>", "IF </w:instrText></w:r>" + field("MERGEFIELD a"))
    assert judged(word(body(nested))) == "docx"
    drawing = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd"><svg/>'
    assert judged(word(("word/media/image1.svg", drawing), types=with_types(SVG))) == "docx"
    assert judged(word((EMBEDDED, ole("Workbook")), OBJECT)) == "docx"
    assert judged(word((EMBEDDED, ole("Equation Native")), OBJECT)) == "docx"


def test_a_presentation_with_a_chart_and_an_embedded_workbook_is_taken() -> None:
    assert judged(deck_with_chart()) == "pptx"
    assert judged(deck_with_object(samples.document_xlsx(), "Excel.Sheet.12")) == "pptx"
    assert judged(deck_with_object(b"MZ" + bytes(2000), "Package")) == "active_content"
    assert judged(deck_with_object(word(("word/vbaProject.bin", "x")), "Word.Document.12")) == "macros"


def deck_with_chart() -> bytes:
    """As PowerPoint keeps it: with the workbook of its numbers."""
    import pptx
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    deck = pptx.Presentation()
    numbers = CategoryChartData()
    numbers.categories = ["a", "b"]
    numbers.add_series("c", (1, 2))
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 900_000, 900_000, numbers)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def deck_with_object(content: bytes, program: str) -> bytes:
    import pptx
    from pptx.enum.shapes import PROG_ID

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    known = {"Excel.Sheet.12": PROG_ID.XLSX, "Word.Document.12": PROG_ID.DOCX}
    slide.shapes.add_ole_object(io.BytesIO(content), known.get(program, program), 0, 0)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def test_a_large_word_file_is_examined_within_the_blocks() -> None:
    """Five megabytes of pictures between its parts, and a field at its end."""
    import random

    noise = random.Random(1).randbytes(5_000_000)  # noqa: S311  # nosec B311
    pictures = [(f"word/media/{number}.png", noise) for number in range(3)]
    plain = zipped({TYPES: WORD, PACKAGE_RELS: MAIN, **dict(pictures), "word/document.xml": body(field("PAGE"))[1]})
    bad = zipped({TYPES: WORD, PACKAGE_RELS: MAIN, **dict(pictures), "word/document.xml": body(field("DDE"))[1]})
    assert judged(plain) == "docx"
    assert judged(bad) == "active_content"


def test_parts_that_are_too_large_to_examine_are_unreadable() -> None:
    """Entries may lie about their sizes, so what is decompressed is counted."""
    large = f"<Relationships>{' ' * 1_000_000}</Relationships>"
    lists = {f"word/_rels/{number}.xml.rels": large for number in range(40)}
    data = bytearray(word(*lists.items()))
    at = data.index(b"PK\x01\x02")
    while data[at : at + 4] == b"PK\x01\x02":
        struct.pack_into("<I", data, at + 24, 10)
        at += 46 + sum(struct.unpack_from("<3H", data, at + 28))
    assert judged(bytes(data)) == "unreadable"
    assert judged(bytes(data), active_content=True) == "docx"
