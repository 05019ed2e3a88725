"""The folder of authorities: OpenSSL finds each by its name, however the name is written."""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from infrastructure.packaging import authorities

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = serialization.Encoding.PEM
PRINTABLE = "ABab019 '()+,-./:=?"
# The same name, as two certificate authorities might write it: OpenSSL takes them for one.
VARIANTS = (str.upper, str.lower, str.swapcase, lambda text: f"  {text.replace(' ', '   ')} ")


def texts(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=1, max_size=40).filter(lambda text: bool(text.strip()))


@st.composite
def attributes(draw: st.DrawFn) -> list[tuple[x509.ObjectIdentifier, str, _ASN1Type]]:
    """The attributes of a name, each in a type of string that can hold it."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        oid = draw(st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME]))
        kind = draw(st.sampled_from([_ASN1Type.UTF8String, _ASN1Type.PrintableString, _ASN1Type.BMPString]))
        letters: st.SearchStrategy[str] = st.sampled_from(PRINTABLE)
        if kind is not _ASN1Type.PrintableString:
            letters = st.characters(codec="utf-8", max_codepoint=0xFFFF, exclude_categories=("Cs", "Cc"))
        found.append((oid, draw(texts(letters)), kind))
    return found


def name(parts: list[tuple[x509.ObjectIdentifier, str, _ASN1Type]]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text, kind) for oid, text, kind in parts])


def certificate(subject: x509.Name, issuer: x509.Name, *, authority: bool) -> str:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("host.example")]), critical=False)
    )
    return made.sign(KEY, hashes.SHA256()).public_bytes(PEM).decode()


def trusts(folder: Path, chain: str) -> bool:
    """Whether a client that knows only this folder accepts the server's certificate."""
    key = KEY.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(key + chain)
        file.flush()
        server.load_cert_chain(file.name)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(capath=str(folder))
    inwards, outwards = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(inwards, outwards, server_hostname="host.example"),
        server.wrap_bio(outwards, inwards, server_side=True),
    ]
    while ends:
        for end in tuple(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError:
                return False
    return True


@settings(max_examples=60, deadline=None)
@given(attributes(), st.sampled_from(VARIANTS))
def test_an_authority_is_found_by_any_spelling_of_its_name(
    parts: list[tuple[x509.ObjectIdentifier, str, _ASN1Type]], variant: object
) -> None:
    root = certificate(name(parts), name(parts), authority=True)
    issued = name([(oid, variant(text) if text.isascii() else text, kind) for oid, text, kind in parts])  # type: ignore[operator]
    leaf = certificate(name([(NameOID.COMMON_NAME, "a host", _ASN1Type.UTF8String)]), issued, authority=False)
    with tempfile.TemporaryDirectory() as folder:
        authorities.write(root, Path(folder))
        assert trusts(Path(folder), leaf)
        (file,) = Path(folder).iterdir()
        file.rename(file.with_name("00000000.0"))
        assert not trusts(Path(folder), leaf)


def test_every_public_authority_is_in_the_folder_under_a_name_of_its_own(tmp_path: Path) -> None:
    bundle = Path(certifi.where()).read_text()
    authorities.write(bundle, tmp_path)
    written = [ssl.PEM_cert_to_DER_cert(file.read_text()) for file in tmp_path.iterdir()]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=bundle)
    assert sorted(written) == sorted(context.get_ca_certs(binary_form=True))
    # As OpenSSL's own `rehash` names Amazon's.
    assert {f"{each}.0" for each in ("ce5e74ef", "6d41d539", "8cb5ee0f", "de6d66f3", "09789157")} <= {
        file.name for file in tmp_path.iterdir()
    }


def test_authorities_of_the_same_name_stand_side_by_side(tmp_path: Path) -> None:
    same = name([(NameOID.COMMON_NAME, "Root", _ASN1Type.UTF8String)])
    for _ in range(3):
        authorities.write(certificate(same, same, authority=True), tmp_path)
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".0", ".1", ".2"]


@pytest.mark.parametrize(
    "bundle",
    [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_what_is_no_bundle_is_refused(bundle: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="it holds"):
        authorities.write(bundle, tmp_path)
    assert list(tmp_path.iterdir()) == []
