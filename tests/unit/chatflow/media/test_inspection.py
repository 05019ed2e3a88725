"""What is made of a file on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow.media.identification import inspect_file
from chatflow.media.profiles import MB
from tests import samples


def test_a_sound_file_is_accepted_for_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(samples.photo_png())
    assert inspect_file(path) == {
        "file": str(path),
        "accepted": True,
        "kind": "image",
        "mime": "image/png",
        "reason": "",
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"<html>", "unknown_format"), (samples.document_docm(), "macros")],
)
def test_a_file_that_is_not_ours_has_a_reason_and_no_kind(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(content)
    assert inspect_file(path) == {"file": str(path), "accepted": False, "kind": "", "mime": "", "reason": reason}


def test_a_file_that_is_too_large_is_known_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film = samples.video_mp4()
    path.write_bytes(film + (5 * MB).to_bytes(4, "big") + b"free" + bytes(5 * MB - 8))
    found = inspect_file(path)
    assert (found["accepted"], found["kind"], found["reason"]) == (False, "video", "too_large")


def test_a_file_that_is_not_there_is_no_bad_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect_file(tmp_path / "nothing")
