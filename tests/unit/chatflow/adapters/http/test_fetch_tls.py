"""TLS through the guarded way out: the name on the certificate is the host's, wherever the connection goes."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.errors import AddressRefused, InDoubt, Unavailable
from tests.fakes.http_server import Server, says, serving

HOST = "claims.localhost"  # by its very spelling this machine


def soon(seconds: float = 20.0) -> int:
    return round((time.time() + seconds) * 1000)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For HOST, signed by itself; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "host.pem"
    coding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(coding, form, serialization.NoEncryption()) + made.public_bytes(coding))
    return file


@pytest.fixture
def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(autouse=True)
def every_name_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def reach(server: Server, certificate: Path | None, host: str = HOST, **more: Any) -> bytes:
    trusted = ssl.create_default_context(cafile=str(certificate)) if certificate else None
    fetch = GuardedFetch(frozenset({f"{host}:{server.port}"}), trusted)
    with fetch.open("GET", f"https://{host}:{server.port}/x", **{"deadline": soon(), **more}) as answer:
        return answer.read()


def test_the_host_is_named_to_the_server_and_its_certificate_is_checked(
    certificate: Path, server_side: ssl.SSLContext
) -> None:
    named: list[str] = []
    server_side.sni_callback = lambda _, name, __: named.append(name)
    with serving(says(b"private" * 100_000), tls=server_side) as server:
        assert reach(server, certificate) == b"private" * 100_000
    assert named == [HOST]
    assert server.requests[0].headers["host"] == f"{HOST}:{server.port}"


def test_a_certificate_for_another_host_is_unavailable(certificate: Path, server_side: ssl.SSLContext) -> None:
    with serving(says(b"private"), tls=server_side) as server, pytest.raises(Unavailable):
        reach(server, certificate, host="other.localhost")
    assert server.requests == []


def test_a_certificate_that_nobody_trusts_is_unavailable(server_side: ssl.SSLContext) -> None:
    with serving(says(b"private"), tls=server_side) as server, pytest.raises(Unavailable):
        reach(server, None)
    assert server.requests == []


def test_a_server_that_does_not_speak_tls_is_unavailable(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            with listening.accept()[0] as sock:
                sock.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(Unavailable):
            reach(Server(listening.getsockname()[1]), certificate)
        thread.join()


def test_a_handshake_that_never_ends_does_not_outlive_the_deadline(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unavailable):
        reach(Server(silent.getsockname()[1]), certificate, deadline=soon(0.3))


def test_dripping_over_tls_does_not_outlive_the_deadline(certificate: Path, server_side: ssl.SSLContext) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"x" * 900
    with serving(lambda _, wire: wire.drip(answer, every=0.01), tls=server_side) as server, pytest.raises(InDoubt):
        reach(server, certificate, deadline=soon(0.5))


def test_a_context_that_would_trust_anybody_is_no_context(certificate: Path) -> None:
    nameless = ssl.create_default_context(cafile=str(certificate))
    nameless.check_hostname = False
    careless = ssl.create_default_context(cafile=str(certificate))
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    for context in (nameless, careless):
        with pytest.raises(ValueError, match="always checked"):
            GuardedFetch(tls=context)


def test_a_redirect_never_leads_out_of_tls(certificate: Path, server_side: ssl.SSLContext) -> None:
    with serving(says(b"private")) as plain:
        moving = says(b"", "302 Found", Location=f"http://127.0.0.1:{plain.port}/")
        with serving(moving, tls=server_side) as server:
            trusted = ssl.create_default_context(cafile=str(certificate))
            fetch = GuardedFetch(frozenset({f"{HOST}:{server.port}"}) | plain.private, trusted)
            moved = fetch.open("GET", f"https://{HOST}:{server.port}/", deadline=soon(), redirects=1)
            with pytest.raises(AddressRefused), moved:
                pass
    assert plain.connections == 0
