"""Certificates for servers on loopback, of an authority that is made for one run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Certificates:
    """`authority`: the root, as PEM. `server`: key and certificates of HOST and localhost, in one PEM file.

    An intermediate authority stands between the two, as one does between a root and the hosts of AWS.
    """

    authority: str
    server: Path

    @classmethod
    def made(cls, folder: Path) -> Certificates:
        root_key, intermediate_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        root_name, intermediate_name = _name("A root for one run"), _name("An intermediate authority for one run")
        root = _certificate(root_name, root_key, root_name, _authority(above=1)).sign(root_key, hashes.SHA256())
        intermediate = _certificate(intermediate_name, intermediate_key, root_name, _authority(above=0)).sign(
            root_key, hashes.SHA256()
        )
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
        server = _certificate(_name(HOST), key, intermediate_name, names).sign(intermediate_key, hashes.SHA256())
        coding = serialization.Encoding.PEM
        file = folder / "server.pem"
        file.write_bytes(
            key.private_bytes(coding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + server.public_bytes(coding)
            + intermediate.public_bytes(coding)
        )
        return cls(root.public_bytes(coding).decode(), file)


def _authority(*, above: int) -> x509.BasicConstraints:
    """An authority above so many other ones."""
    return x509.BasicConstraints(ca=True, path_length=above)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, extension: x509.ExtensionType
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    )
