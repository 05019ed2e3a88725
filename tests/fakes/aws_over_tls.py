"""AWS, a channel and a business over TLS on loopback, in a process of its own, whose work nobody counts.

Each service has a port, as it has a host in production, so that no client shares a connection that it could not share
there. Each has a second port that closes the connection after each answer. Run as a program, it reads the certificate
and what there is (`Stored`) from its input, and writes its ports.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.fakes.aws_operations import Operations, Stored
from tests.fakes.certificates import HOST, Certificates

# The names by which botocore's settings know the services of AWS; then who is no service of AWS.
AWS: Final = {
    "dynamodb": "DYNAMODB",
    "s3": "S3",
    "sqs": "SQS",
    "secretsmanager": "SECRETS_MANAGER",
    "states": "SFN",
    "scheduler": "SCHEDULER",
}
OTHERS: Final = ("channel", "business")
_BLOCK: Final = 1 << 20


@dataclass(frozen=True)
class Seen:
    """What came since the last look: operations in their order, and connections by service."""

    operations: list[str]
    connections: dict[str, int]


@dataclass(frozen=True)
class AwsOverTls:
    """A running server. `ports` are by service; with `dropping`, those that close after each answer."""

    certificates: Certificates
    ports: Mapping[str, int]
    dropping_ports: Mapping[str, int]
    control: int

    def host(self, service: str, *, dropping: bool = False) -> str:
        """`host:port` of a service."""
        return f"{HOST}:{(self.dropping_ports if dropping else self.ports)[service]}"

    def environment(self, *, dropping: bool = False) -> dict[str, str]:
        """botocore's own settings that lead to this server, and credentials."""
        urls = {
            f"AWS_ENDPOINT_URL_{name}": f"https://{self.host(service, dropping=dropping)}"
            for service, name in AWS.items()
        }
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "test"}
        region = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
        # The general one, too: where it is set, S3 is addressed by paths, and no host gets a prefix.
        return {**urls, "AWS_ENDPOINT_URL": urls["AWS_ENDPOINT_URL_DYNAMODB"], **credentials, **region}

    def seen(self) -> Seen:
        with urllib.request.urlopen(f"http://{HOST}:{self.control}/", timeout=10) as answer:
            return Seen(**json.load(answer))


@contextmanager
def aws_over_tls(folder: Path, stored: Stored) -> Iterator[AwsOverTls]:
    """Runs within the block. The certificates are written to `folder`."""
    certificates = Certificates.made(folder)
    command = [sys.executable, "-m", "tests.fakes.aws_over_tls"]
    root, pipe = Path(__file__).parents[2], subprocess.PIPE
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, text=True) as server:
        try:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(json.dumps({"certificate": str(certificates.server), "stored": asdict(stored)}))
            server.stdin.close()
            yield AwsOverTls(certificates, **json.loads(server.stdout.readline()))
        finally:
            server.terminate()


class _Server:
    def __init__(self, certificate: str, stored: Stored) -> None:
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._operations = Operations(stored)
        self._lock = threading.Lock()
        self._seen = Seen([], {})

    def listen(self, service: str, *, dropping: bool) -> int:
        listening = socket.create_server((HOST, 0))
        threading.Thread(target=self._accept, args=(listening, service, dropping), daemon=True).start()
        return int(listening.getsockname()[1])

    def control(self, listening: socket.socket) -> None:
        """Answer any request with what was seen, and forget it."""
        while True:
            sock, _ = listening.accept()
            with sock, suppress(OSError):
                sock.recv(65_536)
                with self._lock:
                    seen, self._seen = self._seen, Seen([], {})
                body = json.dumps(asdict(seen)).encode()
                sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def _accept(self, listening: socket.socket, service: str, dropping: bool) -> None:
        while True:
            sock, _ = listening.accept()
            threading.Thread(target=self._serve, args=(sock, service, dropping), daemon=True).start()

    def _serve(self, sock: socket.socket, service: str, dropping: bool) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError), self._tls.wrap_socket(sock, server_side=True) as secured:
            with self._lock:
                self._seen.connections[service] = self._seen.connections.get(service, 0) + 1
            stream = secured.makefile("rb", buffering=_BLOCK)
            while head := _head(stream):
                method, path, headers = head
                if headers.get("expect", "").lower() == "100-continue":
                    secured.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = _body(stream, headers, keep="x-amz-target" in headers)
                operation = self._operations.operation(service, method, path, headers)
                with self._lock:
                    self._seen.operations.append(operation)
                answer = self._operations.answer(operation, path, body)
                lines = [f"HTTP/1.1 {answer.status} OK", f"Content-Length: {len(answer.body)}"]
                lines += [f"{name}: {value}" for name, value in answer.headers.items()]
                lines += ["Connection: close"] if dropping else []
                secured.sendall("\r\n".join([*lines, "", ""]).encode() + answer.body)
                if dropping:
                    secured.unwrap().close()
                    return


def _head(stream: Any) -> tuple[str, str, dict[str, str]] | None:
    line = stream.readline().decode("latin-1")
    if not line:
        return None
    method, path, _ = line.split(" ", 2)
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return method, path, headers


def _body(stream: Any, headers: Mapping[str, str], *, keep: bool) -> bytes:
    """The body where it is kept; that of a file is read and dropped."""
    if "transfer-encoding" in headers:
        while size := int(stream.readline().split(b";")[0], 16):
            stream.read(size + len(b"\r\n"))
        while stream.readline().strip():
            pass
        return b""
    left = int(headers.get("content-length", "0"))
    if keep:
        return bytes(stream.read(left))
    while left:
        left -= len(stream.read(min(left, _BLOCK)))
    return b""


def _main() -> None:
    given = json.load(sys.stdin)
    server = _Server(given["certificate"], Stored(**given["stored"]))
    services = (*AWS, *OTHERS)
    with socket.create_server((HOST, 0)) as control:
        ports = {
            "ports": {service: server.listen(service, dropping=False) for service in services},
            "dropping_ports": {service: server.listen(service, dropping=True) for service in services},
            "control": control.getsockname()[1],
        }
        print(json.dumps(ports), flush=True)  # noqa: T201 - whoever started it reads it
        server.control(control)


if __name__ == "__main__":
    _main()
