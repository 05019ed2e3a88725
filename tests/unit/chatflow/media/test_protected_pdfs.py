"""PDFs that open without a password are taken, those that need one are not.

The files in `protected_pdfs` were written by qpdf 12: each revision of the standard encryption (RC4 of 40 and 128 bits,
AES of 128 and 256), with a table of objects, with a stream of objects, or linearized; with an owner's password alone,
or with a user's password as well.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.media.formats.pdf_objects import parse
from chatflow.media.formats.pdf_password import _aes_cbc
from chatflow.media.identification import identify
from chatflow.media.profiles import Format
from tests import samples
from tests.fakes.counted import Counted

FILES = sorted(Path(__file__).with_name("protected_pdfs").glob("*.pdf"))


def judged(data: bytes) -> str:
    found = identify(Counted.of(data), len(data))
    return found.name if isinstance(found, Format) else found.reason


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_a_user_s_password_keeps_a_pdf_out(path: Path) -> None:
    assert judged(path.read_bytes()) == ("pdf" if path.stem.endswith("owner") else "encrypted")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_encryption_is_found_behind_a_mark_that_moves_every_offset(path: Path) -> None:
    data = b"\xef\xbb\xbf\n\n" + path.read_bytes()
    assert judged(data) == ("pdf" if path.stem.endswith("owner") else "encrypted")


@pytest.mark.parametrize("name", [b"/Encr#79pt", b"/#45ncrypt", b"/#45#6e#63#72#79#70#74", b"/Encryp#74"])
def test_an_encoded_name_hides_no_encryption(name: bytes) -> None:
    protected = Path(FILES[0]).with_name("r3-table-user.pdf").read_bytes()
    assert judged(protected.replace(b"/Encrypt", name)) == "encrypted"
    assert judged(samples.document_pdf().replace(b"trailer\n<<", b"trailer\n<< " + name + b" 9 0 R")) == "encrypted"
    assert judged(samples.document_pdf().replace(b"trailer\n<<", b"trailer\n<< " + name + b"%a\n9\n0 R")) == "encrypted"


def test_a_name_that_only_contains_the_word_is_no_encryption() -> None:
    plain = samples.document_pdf()
    for name in (b"/EncryptNot", b"/A#2FEncrypt", b"/Title (a /Encrypt 9 0 R)"):
        value = b"" if b"(" in name else b" 9 0 R"
        assert judged(plain.replace(b"trailer\n<<", b"trailer\n<< " + name + value)) == "pdf"


def test_an_encryption_that_is_none_we_know_is_refused() -> None:
    owner = Path(FILES[0]).with_name("r3-table-owner.pdf").read_bytes()
    assert judged(owner.replace(b"/Standard", b"/Standart")) == "encrypted"
    assert judged(owner.replace(b"/R 3", b"/R 9")) == "encrypted"
    assert judged(owner.replace(b"/U <", b"/X <")) == "encrypted"


def test_aes_gives_the_values_of_the_standard() -> None:
    """NIST SP 800-38A, F.2.1."""
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    start = bytes(range(16))
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
    coded = bytes.fromhex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2")
    assert _aes_cbc(key, start, plain) == coded


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"<< /A#42 1 /C [1 2 0 R (x)] >>", {"AB": 1, "C": [1, (2,), b"x"]}),
        (b"(a(b)c\\)\\053\\n)", b"a(b)c)+\n"),
        (b"<48 656>", b"He`"),
        (b"% a comment\n/Name", "Name"),
        (b"-1.5", -1.5),
        (b"null", None),
    ],
)
def test_objects_are_read_as_the_standard_writes_them(written: bytes, meant: object) -> None:
    assert parse(written)[0] == meant


@given(st.binary(max_size=200) | st.text("<>[]()/#%\\ 01Rabn\n", max_size=80).map(str.encode))
def test_no_bytes_make_the_reader_of_objects_fail_otherwise(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse(data)


@given(st.data())
def test_a_damaged_encryption_never_makes_it_raise(data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from([each for each in FILES if "r6" not in each.stem])).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.sampled_from(b"0 1[]<>()/R\xff"))
    assert judged(bytes(damaged)) in ("pdf", "encrypted", "truncated", "unknown_format", "unreadable", "broken")
