"""Parts of the local stack start, are found again, and end whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.processes import BackgroundProcess, ProcessFailed, essential_environment

SERVES = """
import json, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(json.dumps({"url": "http://127.0.0.1:1", "child": child.pid}), flush=True)
time.sleep(600)
"""


@pytest.fixture
def part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], BackgroundProcess]:
    """A part whose program is the given text."""

    def make(text: str) -> BackgroundProcess:
        (tmp_path / "toy_part.py").write_text(text)
        monkeypatch.setattr(
            "local.processes.essential_environment", lambda: {**essential_environment(), "PYTHONPATH": str(tmp_path)}
        )
        return BackgroundProcess("toy", "toy_part", tmp_path / "stack")

    return make


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(question: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_part_says_its_address_and_ends_with_all_its_children(part: Callable[[str], BackgroundProcess]) -> None:
    toy = part(SERVES)
    process = toy.start()
    said = toy.wait_for_address(process)
    assert said["url"] == "http://127.0.0.1:1"
    assert toy.is_running()
    toy.stop()
    assert not toy.is_running()
    until(lambda: not lives(said["child"]))


def test_a_part_that_was_left_behind_is_ended_by_the_next_start(part: Callable[[str], BackgroundProcess]) -> None:
    toy = part(SERVES)
    first = toy.start()
    toy.wait_for_address(first)
    second = toy.start()
    first.wait(10)
    assert second.poll() is None
    toy.stop()


def test_a_part_that_dies_shows_its_last_words(part: Callable[[str], BackgroundProcess]) -> None:
    toy = part("raise SystemExit('no port for me')")
    with pytest.raises(ProcessFailed, match="no port for me"):
        toy.wait_for_address(toy.start())
    assert not toy.is_running()


def test_a_part_that_says_nothing_is_not_waited_for_for_ever(part: Callable[[str], BackgroundProcess]) -> None:
    toy = part("import time; time.sleep(600)")
    with pytest.raises(ProcessFailed, match="did not report its address"):
        toy.wait_for_address(toy.start(), within=0.5)
    toy.stop()


def test_a_pid_that_belongs_to_somebody_else_by_now_is_left_alone(part: Callable[[str], BackgroundProcess]) -> None:
    toy = part(SERVES)
    toy.folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True) as other:
        (toy.folder / "toy.pid").write_text(str(other.pid))
        assert not toy.is_running()
        toy.stop()
        assert other.poll() is None
        other.kill()
    assert not (toy.folder / "toy.pid").exists()


def test_no_credentials_of_this_shell_reach_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    assert not {"AWS_PROFILE", "HTTPS_PROXY"} & set(essential_environment())
