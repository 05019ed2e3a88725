"""`python -m chatflow.flows FOLDER`, as people and `make validate` use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow.flows.__main__ import main
from tests.fakes.flow_folders import FlowFolder

EXAMPLES = Path(__file__).parents[4] / "flows"
BROKEN = Path(__file__).parent / "broken" / "unknown-start-and-timeout.yaml"


def test_a_sound_folder_is_ok(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(EXAMPLES)]) == 0
    assert capsys.readouterr().out == "7 flows ok, with 4 integrations and 2 assets.\n"


def test_problems_are_printed_by_file_with_their_lines(folder: FlowFolder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.project({"broken.yaml": BROKEN.read_bytes()})
    for asset in (folder.path / "assets").iterdir():
        asset.unlink()
    assert main([str(folder.path)]) == 1
    assert capsys.readouterr().err == (
        f"\n{folder.path}/broken.yaml\n"
        "  line 3    start\n"
        '            There is no node "helo". Did you mean "hello"?\n'
        "  line 4    session.on_timeout\n"
        '            There is no node "by". Did you mean "bye"?\n'
        "\n2 problems. Nothing was published.\n"
    )


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none")]) == 2
    assert "There is no folder" in capsys.readouterr().err
