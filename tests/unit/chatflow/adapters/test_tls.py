"""The contexts of a process: which authorities they trust, and that they always check."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from chatflow.adapters import tls
from infrastructure.packaging import authorities
from tests.fakes.certificates import Certificates

CONTEXTS = (tls.for_aws, tls.for_hosts)


@pytest.fixture(autouse=True)
def new_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    for made in CONTEXTS:
        made.cache_clear()
    yield
    for made in CONTEXTS:
        made.cache_clear()


@pytest.fixture
def layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """certifi as the layer has it, with the authority of a deployment."""
    folder = tmp_path / "certifi"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for bundle in (Path(certifi.where()).read_text(), Certificates.made(tmp_path).authority):
        authorities.write(bundle, folder / tls.AUTHORITIES)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "certifi")
    return folder


@pytest.mark.usefixtures("layer")
@pytest.mark.parametrize("made", CONTEXTS)
def test_in_a_layer_no_authority_is_read_before_a_certificate_names_it(made: type) -> None:
    assert made().cert_store_stats()["x509"] == 0


@pytest.mark.usefixtures("layer")
@pytest.mark.parametrize("made", CONTEXTS)
def test_a_layer_trusts_the_public_authorities_and_the_deployments(made: type, tmp_path: Path) -> None:
    handshake(made(), tmp_path / "server.pem", "localhost")
    assert [dict(name[0] for name in each["subject"]) for each in made().get_ca_certs()] == [
        {"commonName": "A root for one run"}
    ]


@pytest.mark.parametrize("made", CONTEXTS)
def test_without_a_layer_the_public_authorities_are_trusted_and_no_others(made: type, tmp_path: Path) -> None:
    Certificates.made(tmp_path)
    subjects = {dict(name[0] for name in each["subject"]).get("commonName") for each in made().get_ca_certs()}
    assert "Amazon Root CA 1" in subjects
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(made(), tmp_path / "server.pem", "localhost")


@pytest.mark.usefixtures("layer")
def test_the_settings_replace_the_public_authorities(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = Certificates.made(tmp_path)
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(other.authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    for context in (tls.for_aws(str(bundle)), tls.for_hosts()):
        assert len(context.get_ca_certs()) == 1
        handshake(context, other.server, "localhost")


@pytest.mark.parametrize("made", CONTEXTS)
def test_certificates_and_host_names_are_checked(made: type) -> None:
    context = made()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert made() is context


def test_why_a_certificate_is_not_trusted_is_found_below_other_errors(tmp_path: Path) -> None:
    certificates = Certificates.made(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError) as raised:
        handshake(tls.for_hosts(), certificates.server, "localhost")
    wrapped = OSError("could not connect")
    wrapped.__cause__ = raised.value
    assert tls.distrust(wrapped) == "unable to get local issuer certificate"
    assert tls.distrust(OSError("could not connect")) == ""


def handshake(client: ssl.SSLContext, certificate: Path, host: str) -> None:
    """In memory. Raises what the client makes of the server's certificate."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(to_client, to_server, server_hostname=host), server.wrap_bio(to_server, to_client, True)]
    while ends:
        for end in tuple(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                pass
