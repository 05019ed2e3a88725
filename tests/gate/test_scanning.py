"""Files before the gate, on the deployed stack: clean ones pass, unsafe ones do not, and nobody waits for ever."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local.business_api.client import Business, sha256
from local.whatsapp_simulator.phone import Phone
from tests import samples
from tests.fakes.scanner import eicar
from tests.gate.conftest import Gate


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three, each with bytes of its own."""
    files = [tmp_path / f"photo-{number}.jpg" for number in (1, 2, 3)]
    for number, file in enumerate(files):
        file.write_bytes(samples.image("JPEG", width=320 + 16 * number))
    return files


def infected_pdf(folder: Path) -> Path:
    """A document that is one, with the test file in a comment."""
    file = folder / "estimate.pdf"
    data = samples.document_pdf()
    end = data.rindex(b"startxref")
    file.write_bytes(data[:end] + b"% " + eicar() + b"\n" + data[end:])
    return file


def infected_docx(folder: Path) -> Path:
    """A document with the test file packed into it: only who unpacks it finds it."""
    file = folder / "estimate.docx"
    file.write_bytes(samples.document_docx())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("docProps/thumbnail.txt", eicar())
    return file


def uploaded(business: Business) -> list[str]:
    """The SHA-256 of what arrived, in its order."""
    return [each["sha256"] for each in reversed(business.uploads())]


def test_a_clean_photo_passes_after_the_verdict(phone: Phone, business: Business, photos: list[Path]) -> None:
    phone.say("files")
    phone.receive()
    phone.send(photos[0], kind="image")
    assert "Now the second one" in phone.receive()[0]["text"]
    assert uploaded(business) == [sha256(photos[0].read_bytes())]


def test_an_album_s_later_photos_wait_and_each_arrives_once(
    phone: Phone, business: Business, photos: list[Path], gate: Gate, shut: Callable[[], None]
) -> None:
    phone.say("files")
    phone.receive()
    shut()
    phone.send(*photos, kind="image")
    assert phone.poll(wait=8) == []
    assert uploaded(business) == []

    gate.open.set()
    phone.receive(3)
    # The webhooks of an album race each other, so their order is not ours to say here: tests/turns keeps it.
    assert sorted(uploaded(business)) == sorted(sha256(photo.read_bytes()) for photo in photos)


@pytest.mark.parametrize("infected", [infected_pdf, infected_docx])
def test_an_infected_document_is_refused_and_another_is_asked_for(
    infected: Callable[[Path], Path], phone: Phone, business: Business, tmp_path: Path, photos: list[Path]
) -> None:
    phone.say("files")
    phone.receive()
    phone.send(infected(tmp_path))
    assert "something harmful was found in it" in phone.receive()[0]["text"]
    assert uploaded(business) == []

    phone.send(photos[0], kind="image")
    assert "Now the second one" in phone.receive()[0]["text"]
    assert uploaded(business) == [sha256(photos[0].read_bytes())]


def test_words_that_leave_any_flow_leave_while_a_file_is_scanned(
    phone: Phone, business: Business, photos: list[Path], shut: Callable[[], None]
) -> None:
    phone.say("files")
    phone.receive()
    shut()
    phone.send(photos[0], kind="image")
    phone.say("stop")
    assert "we stop here" in phone.receive()[0]["text"]


def test_a_silent_scanner_ends_in_the_exit_unsafe_and_nothing_is_handed_on(
    phone: Phone, business: Business, photos: list[Path], shut: Callable[[], None]
) -> None:
    phone.say("files")
    phone.receive()
    shut()
    phone.send(photos[0], kind="image")
    assert "That did not work" in phone.receive(within=150)[0]["text"]
    assert uploaded(business) == []
