"""Background processes of the local stack start, are found again, and stop completely."""

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
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], BackgroundProcess]:
    """A background process with this Python source."""

    def make(text: str) -> BackgroundProcess:
        (tmp_path / "toy_program.py").write_text(text)
        monkeypatch.setattr(
            "local.processes.essential_environment", lambda: {**essential_environment(), "PYTHONPATH": str(tmp_path)}
        )
        return BackgroundProcess("toy", "toy_program", tmp_path / "stack")

    return make


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_process_reports_its_address_and_stops_with_all_its_children(
    program: Callable[[str], BackgroundProcess],
) -> None:
    toy = program(SERVES)
    process = toy.start()
    line = toy.wait_for_address(process)
    assert line["url"] == "http://127.0.0.1:1"
    assert toy.is_running()
    toy.stop()
    assert not toy.is_running()
    wait_until(lambda: not is_alive(line["child"]))


def test_a_process_that_was_left_behind_is_stopped_by_the_next_start(
    program: Callable[[str], BackgroundProcess],
) -> None:
    toy = program(SERVES)
    first = toy.start()
    toy.wait_for_address(first)
    second = toy.start()
    first.wait(10)
    assert second.poll() is None
    toy.stop()


def test_a_process_that_dies_shows_the_end_of_its_log(program: Callable[[str], BackgroundProcess]) -> None:
    toy = program("raise SystemExit('no port for me')")
    with pytest.raises(ProcessFailed, match="no port for me"):
        toy.wait_for_address(toy.start())
    assert not toy.is_running()


def test_waiting_for_an_address_has_a_time_limit(program: Callable[[str], BackgroundProcess]) -> None:
    toy = program("import time; time.sleep(600)")
    with pytest.raises(ProcessFailed, match="did not report its address"):
        toy.wait_for_address(toy.start(), within=0.5)
    toy.stop()


def test_a_reused_pid_of_another_program_is_left_alone(program: Callable[[str], BackgroundProcess]) -> None:
    toy = program(SERVES)
    toy.folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True) as other:
        (toy.folder / "toy.pid").write_text(str(other.pid))
        assert not toy.is_running()
        toy.stop()
        assert other.poll() is None
        other.kill()
    assert not (toy.folder / "toy.pid").exists()


def test_no_credentials_of_this_shell_reach_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    assert not {"AWS_PROFILE", "HTTPS_PROXY"} & set(essential_environment())
