"""`chatflow media inspect`: determines the kind of a file without a deployment."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from tests.unit.chatflow_cli.conftest import Chatflow


def picture(file: Path) -> Path:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    file.write_bytes(buffer.getvalue())
    return file


def test_a_file_is_what_its_bytes_are(chatflow: Chatflow, tmp_path: Path) -> None:
    file = picture(tmp_path / "holiday.pdf")
    result = chatflow("media", "inspect", str(file), "--json")
    assert result.code == 0
    assert result.json == [{"file": str(file), "accepted": True, "kind": "image", "mime": "image/png", "reason": ""}]


def test_one_that_is_not_taken_says_why_and_ends_in_one(chatflow: Chatflow, tmp_path: Path) -> None:
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    empty = tmp_path / "empty.png"
    empty.touch()
    result = chatflow("media", "inspect", str(picture(tmp_path / "good.png")), str(page), str(empty), "--json")
    assert result.code == 1
    assert [each["accepted"] for each in result.json] == [True, False, False]
    assert result.json[2]["reason"] == "empty"
    assert result.json[1]["reason"]


def test_a_person_gets_a_table(chatflow: Chatflow, tmp_path: Path) -> None:
    result = chatflow("media", "inspect", str(picture(tmp_path / "good.png")))
    assert result.out.splitlines()[0].split() == ["File", "Kind", "MIME", "type", "Taken"]
    assert result.out.splitlines()[1].split()[1:] == ["image", "image/png", "yes"]


def test_a_file_that_is_not_there_is_a_usage_error(chatflow: Chatflow) -> None:
    assert chatflow("media", "inspect", "/nowhere.png").code == 2
