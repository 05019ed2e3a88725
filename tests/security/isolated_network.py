"""Builds a small network in a namespace of its own, makes every call of `table`, and prints the results.

    python -m tests.security.isolated_network <a file that becomes /etc/resolv.conf>

Needs root in its own network and mount namespaces, which `test_calls_stay_outside` provides.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.errors import AddressRefused, ChatflowError, InDoubt, Unavailable
from tests.security.name_server import NameServer
from tests.security.services import Services
from tests.security.table import HERE, INTERNAL, METADATA, OTHER, PUBLIC, PUBLIC_6, RUNTIME, Row, rows

NAME_SERVER = "192.0.2.53"
KNOWN = {
    HERE: [[PUBLIC]],
    "alias.claims.example": [[PUBLIC]],
    "here.claims.example": [["127.0.0.1"]],
    "localhost": [["127.0.0.1", "::1"]],  # whatever /etc/hosts of this machine says
    "ip6-localhost": [["::1"]],
    "api.vpc.internal": [["10.1.2.3"]],
    "other.example.org": [[PUBLIC]],
}
SECRET_HEADERS = {"authorization": "Bearer t0p", "cookie": "a=b", "x-api-key": "k3y", "accept": "text/plain"}


def build(resolv: Path) -> None:
    """A cable with public addresses on it; and a route that makes every other address there is one of this machine."""
    for command in (
        "ip link set lo up",
        "ip link add world type veth peer name far",
        "ip link set world up",
        "ip link set far up",
        f"ip addr add {PUBLIC}/32 dev world",
        f"ip addr add {OTHER}/32 dev world",
        f"ip addr add {NAME_SERVER}/32 dev world",
        f"ip -6 addr add {PUBLIC_6}/128 dev world nodad",
        "ip addr add 169.254.169.254/32 dev world",
        "ip -6 addr add fd00:ec2::254/128 dev world nodad",
        "ip route add local 0.0.0.0/0 dev lo",
        "ip -6 route add local ::/0 dev lo",
    ):
        subprocess.run(command.split(), check=True, timeout=10)
    resolv.write_text(f"nameserver {NAME_SERVER}\noptions timeout:1 attempts:1\n")
    subprocess.run(["mount", "--bind", str(resolv), "/etc/resolv.conf"], check=True, timeout=10)


def certificate(folder: Path) -> Path:
    """For every host of the table but one, signed by itself; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HERE)])
    now = datetime.now(UTC)
    names = [x509.DNSName(each) for each in (HERE, f"*.{HERE}", "api.vpc.internal")]
    addresses = [x509.IPAddress(ip_address(each)) for each in (PUBLIC, PUBLIC_6, "10.1.2.3")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "world.pem"
    coding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(coding, form, serialization.NoEncryption()) + made.public_bytes(coding))
    return file


def call(row: Row, trusted: ssl.SSLContext) -> str:
    """What came of it, in the words of the table."""
    deadline = round((time.time() + (0.5 if "silent" in row.url else 5)) * 1000)
    body = b"{}" if row.method == "POST" else None
    try:
        with GuardedFetch(row.private, trusted).open(
            row.method, row.url, deadline=deadline, body=body, redirects=row.redirects, headers=SECRET_HEADERS
        ) as answer:
            if answer.status == 200:
                return "reached" if answer.read(1000).split()[0] in (b"public", b"SECRET") else "something else"
            return "moved" if 300 <= answer.status < 400 else f"status {answer.status}"
    except AddressRefused:
        return "refused"
    except Unavailable:
        return "unavailable"
    except InDoubt:
        return "in doubt"
    except ChatflowError as error:
        return type(error).__name__


def unguarded(services: Services) -> dict[str, Any]:
    """That everything internal is truly there for whoever does not look: else no refusal would prove a thing."""
    reached = []
    for address in INTERNAL:
        before = len(services.hits)
        with socket.create_connection((address, 443), timeout=5):
            wait_for(lambda: len(services.hits) > before)  # noqa: B023  called at once
        reached += [address] if len(services.hits) > before else []
    opener = build_opener(ProxyHandler({}))
    said = [
        opener.open(url, timeout=5).read().decode()
        for url in (f"http://169.254.169.254{METADATA}", f"http://[fd00:ec2::254]{METADATA}")
    ] + [opener.open(f"http://127.0.0.1:9001{RUNTIME}", timeout=5).read().decode()]
    said.append(opener.open("http://here.claims.example/", timeout=5).read().decode())
    return {"reached": reached, "said": said}


def wait_for(holds: Any, seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.001)


def main(resolv: Path) -> None:
    build(resolv)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        os.environ[name] = "http://127.0.0.1:3128"
    file = certificate(resolv.parent)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(file)
    trusted = ssl.create_default_context(cafile=str(file))
    table = rows()
    services = Services({PUBLIC, OTHER, PUBLIC_6}, ours)
    names = NameServer(NAME_SERVER, {**KNOWN, **{row.name: row.answers for row in table if row.answers}})
    bare = unguarded(services)
    services.hits.clear()
    found = {}
    for row in table:
        names.asked.clear()
        hits, said = len(services.hits), len(services.said)
        comes_to = call(row, trusted)
        found[row.id] = {
            "comes_to": comes_to,
            "internal": services.hits[hits:],
            "queries": names.asked[row.name, 1],
            "said": services.said[said:],
        }
    last = socket.create_connection((PUBLIC, 443), timeout=5)  # what came before it was accepted before it
    last.close()
    wait_for(lambda: len(services.hits) > sum(row.internal for row in table), 0.3)
    json.dump({"unguarded": bare, "rows": found, "hits": services.hits}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
