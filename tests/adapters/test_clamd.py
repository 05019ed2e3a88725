"""Files on their way to clamd: to the real one where it is installed, and always to one that speaks its protocol."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatflow.adapters.clamd import scan
from chatflow.errors import Unavailable
from tests import samples
from tests.fakes.scanner import LONGEST, eicar, fake_clamd, real_clamd


@pytest.fixture(scope="module", params=["fake", pytest.param("real", marks=pytest.mark.needs("clamd"))])
def clamd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_clamd(tmp_path_factory.mktemp("clamd")) if request.param == "real" else fake_clamd() as address:
        yield address


class Zeros:
    """A stream of so many zeros, and how large the largest piece was that anybody asked for."""

    def __init__(self, size: int) -> None:
        self.left, self.largest = size, 0

    def read(self, amount: int = -1, /) -> bytes:
        self.largest = max(self.largest, amount if amount >= 0 else self.left)
        block = bytes(min(self.left, amount))
        self.left -= len(block)
        return block


@pytest.mark.parametrize("data", [b"", b"harmless", samples.photo_jpg(), samples.document_docx()])
def test_what_is_harmless_is_clean(clamd: str, data: bytes) -> None:
    assert scan(clamd, io.BytesIO(data), 30) == "clean"


@pytest.mark.parametrize("before", [b"", samples.document_pdf()])
def test_the_test_file_is_found_alone_and_within_another(clamd: str, before: bytes) -> None:
    assert scan(clamd, io.BytesIO(before + eicar()), 30) == "unsafe"


def test_a_file_is_handed_over_in_small_pieces(clamd: str) -> None:
    stream = Zeros(LONGEST - 1)
    assert scan(clamd, stream, 60) in ("clean", "failed")
    assert stream.left == 0
    assert stream.largest <= 128 * 1024


def test_what_is_too_long_for_the_scanner_was_not_looked_at(clamd: str) -> None:
    assert scan(clamd, Zeros(LONGEST + 1_000_000), 60) == "failed"


def test_a_scanner_that_is_not_there_is_unavailable() -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(Unavailable, match="did not answer"):
            scan(f"127.0.0.1:{port}", io.BytesIO(b"x"), 5)


def _answering(answer: bytes) -> str:
    """A scanner that reads nothing, says this, and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with server, connection:
            connection.recv(65536)
            connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    "answer",
    [
        b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
        b"stream: Heuristics.Encrypted.PDF FOUND\0",
        b"stream: Can't allocate memory ERROR\0",
    ],
)
def test_what_it_could_not_look_into_is_neither_clean_nor_unsafe(answer: bytes) -> None:
    assert scan(_answering(answer), io.BytesIO(b"x"), 5) == "failed"


@pytest.mark.parametrize("answer", [b"", b"stream: O", b"nonsense\0"])
def test_no_verdict_is_not_clean(answer: bytes) -> None:
    with pytest.raises(Unavailable):
        scan(_answering(answer), io.BytesIO(b"x"), 5)


def test_a_silent_scanner_has_its_time_and_no_more() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server, pytest.raises(Unavailable, match="Timeout"):
        scan(f"127.0.0.1:{server.getsockname()[1]}", io.BytesIO(b"x"), 0.3)


def test_the_test_file_does_not_stand_in_any_file_of_ours() -> None:
    folder = Path(__file__).parents[1]
    assert [file for file in folder.rglob("*.py") if eicar() in file.read_bytes()] == []
