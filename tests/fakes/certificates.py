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
    """`authority`: the root, as PEM. `server`: key and certificate of HOST and localhost, in one PEM file."""

    authority: str
    server: Path

    @classmethod
    def made(cls, folder: Path) -> Certificates:
        root_key, root_name = ec.generate_private_key(ec.SECP256R1()), _name("A root for one run")
        basic = x509.BasicConstraints(ca=True, path_length=0)
        root = _certificate(root_name, root_key).add_extension(basic, critical=True).sign(root_key, hashes.SHA256())
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
        server = (
            _certificate(_name(HOST), key, issuer=root_name)
            .add_extension(names, critical=False)
            .sign(root_key, hashes.SHA256())
        )
        coding = serialization.Encoding.PEM
        file = folder / "server.pem"
        file.write_bytes(
            key.private_bytes(coding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + server.public_bytes(coding)
        )
        return cls(root.public_bytes(coding).decode(), file)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name | None = None
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
