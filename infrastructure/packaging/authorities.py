"""Writes certificates into a folder in which OpenSSL looks up an authority by its name. Decision record 0038.

A context that reads a bundle parses each of its certificates, which costs more than the rest of a start. In such a
folder OpenSSL opens one file, when a server's certificate names that authority. A file's name is the hash of the
certificate's subject and a number (https://docs.openssl.org/3.0/man1/openssl-rehash/), so that the command
`openssl rehash` would give the same folder; not every machine that deploys has it.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_SEQUENCE, _SET, _UTF8 = 0x30, 0x31, 0x0C
_VERSION: Final = 0xA0  # of a certificate; one of version 1 has none
# Types of strings, and how their characters are stored. OpenSSL compares these without regard to case and spaces.
_TEXTS: Final = {
    0x0C: "utf-8",  # UTF8String
    0x13: "latin-1",  # PrintableString
    0x14: "latin-1",  # T61String
    0x16: "latin-1",  # IA5String
    0x1A: "latin-1",  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}
_SPACES: Final = " \t\n\v\f\r"

_Element = tuple[int, bytes]  # a tag and its content


def write(bundle: str, folder: Path) -> None:
    """Add each certificate of a PEM bundle to the folder, which is made if it is not there.

    Raises ValueError when the bundle holds no certificate, or one that cannot be read.
    """
    found = list(_certificates(bundle))
    if not found:
        raise ValueError("it holds no certificate in PEM form")
    folder.mkdir(exist_ok=True)
    for certificate in found:
        try:
            name = subject_hash(ssl.PEM_cert_to_DER_cert(certificate))
        except (ValueError, IndexError):
            raise ValueError("it holds a certificate that cannot be read") from None
        number = 0  # certificates of the same subject count from 0; OpenSSL stops at the first number that is missing
        while (file := folder / f"{name}.{number}").exists():
            number += 1
        file.write_text(certificate + "\n", encoding="ascii")


def subject_hash(certificate: bytes) -> str:
    """OpenSSL's hash of the subject of a certificate in DER form: what `openssl x509 -subject_hash` prints."""
    ((_, whole),) = _elements(certificate)
    (_, signed), *_ = _elements(whole)
    fields = [each for each in _elements(signed) if each[0] != _VERSION]
    _, _, _, _, (_, subject), *_ = fields  # serial number, algorithm, issuer, validity, subject
    digest = hashlib.sha1(b"".join(map(_canonical_part, _elements(subject))), usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


def _canonical_part(part: _Element) -> bytes:
    """A relative distinguished name, as OpenSSL's `x509_name_canon` writes it."""
    attributes = []
    for _, attribute in _elements(part[1]):
        (kind_tag, kind), (tag, value) = _elements(attribute)
        if tag in _TEXTS:
            text = value.decode(_TEXTS[tag]).strip(_SPACES)
            for space in _SPACES[1:]:
                text = text.replace(space, " ")
            words = " ".join(filter(None, text.split(" ")))
            # Only letters of ASCII have a small form here.
            tag, value = _UTF8, bytes(each + 32 if 65 <= each <= 90 else each for each in words.encode())
        attributes.append(_element(_SEQUENCE, _element(kind_tag, kind) + _element(tag, value)))
    return _element(_SET, b"".join(sorted(attributes)))


def _certificates(bundle: str) -> Iterator[str]:
    for each in bundle.split(_BEGIN)[1:]:
        yield f"{_BEGIN}{each.partition(_END)[0]}{_END}"


def _elements(data: bytes) -> list[_Element]:
    """The elements of DER data, one after the other."""
    found, place = [], 0
    while place < len(data):
        tag, length, place = data[place], data[place + 1], place + 2
        if length & 0x80:
            size = length & 0x7F
            length, place = int.from_bytes(data[place : place + size], "big"), place + size
        if place + length > len(data):
            raise ValueError("it ends early")
        found.append((tag, data[place : place + length]))
        place += length
    return found


def _element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content
