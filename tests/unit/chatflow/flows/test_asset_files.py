"""The files of the library: whether they can be sent at all, and on the channels of the flow that sends them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from chatflow.flows.asset_files import identify_by_content
from chatflow.flows.project import load
from chatflow.flows.validation import check
from chatflow.media.profiles import MB
from tests.fakes.flow_folders import FlowFolder, compiled

SEND = "  give: {{type: media, direction: outbound, source: {{asset: {name}}}, then: end}}\n"
USDZ_ON_WHATSAPP = (
    'give > source.asset: "model.usdz" cannot be sent on WhatsApp. USDZ files are not taken. Use another format.'
)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("empty.pdf", b"", "The file is empty."),
        ("notes.txt", b"notes", "The content of this file is of no format that can be sent. Those are: pdf, doc, docx"),
        ("large.mp4", b"x" * (5 * MB + 1), "The file has 5.0 MB; at most 5 MB of MP4 are taken. Make it smaller."),
        ("my file.pdf", b"x", "This name cannot be used. Name the file with letters, digits, dots, _ and -"),
    ],
)
def test_a_file_that_cannot_be_sent_is_told(folder: FlowFolder, name: str, content: bytes, problem: str) -> None:
    problems = folder.problems({f"assets/{name}": content})
    assert len(problems) == 1
    assert problems[0].startswith(f"assets/{name}: {problem}")


def test_a_file_of_the_largest_size_can_be_sent(folder: FlowFolder) -> None:
    assert folder.problems({"assets/large.mp4": b"x" * (5 * MB)}) == []


def test_the_content_decides_what_a_file_is_and_its_name_must_agree(folder: FlowFolder) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "JPEG")
    folder.project({"assets/photo.png": picture.getvalue(), "assets/photo.jpeg": picture.getvalue()})
    for fake in ("leaflet.pdf", "picture.png", "song.mp3", "model.usdz"):
        (folder.path / "assets" / fake).unlink()
    project = load(folder.path)
    assert {asset.kind for asset in project.resources.assets.values()} == {"image"}
    assert [str(problem) for problem in check(project)] == [
        "assets/photo.png: The content of this file is JPEG. Let its name end in .jpg."
    ]


def test_a_broken_file_is_of_no_format(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    assert not identify_by_content(tmp_path / "a.png")


def test_hidden_files_are_not_assets(folder: FlowFolder) -> None:
    assert folder.problems({"assets/.gitkeep": b""}) == []


def test_a_flow_sends_only_what_its_channel_takes(folder: FlowFolder) -> None:
    assert folder.flow_problems(SEND.format(name="model.usdz")) == [USDZ_ON_WHATSAPP]


def test_an_asset_is_published_as_it_stands_in_variables(folder: FlowFolder) -> None:
    song = compiled(folder.project())["assets"]["song.mp3"]
    assert song == {
        "key": f"asset/{song['sha256']}",
        "sha256": "63f75c890b05405e6e1f047072642b40949dab5912aa9c0ae6f2e654dff943dd",
        "size": 4,
        "mime": "audio/mpeg",
        "kind": "audio",
        "filename": "song.mp3",
        "caption": "",
        "file": "assets/song.mp3",
    }
