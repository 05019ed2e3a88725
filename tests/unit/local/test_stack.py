"""The local stack: the cache between starts, and the description of a running stack."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path

import pytest
from rich.console import Console

from chatflow_cli.channels.deployment import local_api_url
from local.cdk import Cdk, CdkFailed
from local.deployment import Deployment
from local.description import Description
from local.progress import NoProgress, TerminalProgress
from local.stack import LocalStack


def description() -> Description:
    return Description("Chatflow-local", "f", "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3")


def test_ports_stay_the_same_while_they_are_free(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path)
    first = stack._ports()
    assert stack._ports() == first
    with socket.create_server(("127.0.0.1", first["handset"])):
        assert stack._ports()["handset"] != first["handset"]


def test_a_description_is_readable_by_this_user_only_and_loads_completely(tmp_path: Path) -> None:
    description().save(tmp_path)
    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600
    assert Description.load(tmp_path) == description()


@pytest.mark.parametrize("text", [None, "", "{", '{"unknown": 1}'])
def test_an_invalid_description_is_none(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "stack.json").write_text(text)
    assert Description.load(tmp_path) is None


def test_a_description_without_running_processes_is_ignored(tmp_path: Path) -> None:
    description().save(tmp_path)
    assert LocalStack(tmp_path).description() is None


def test_down_removes_what_a_killed_stack_left(tmp_path: Path) -> None:
    description().save(tmp_path)
    (tmp_path / "emulator-tmp" / "unpacked").mkdir(parents=True)
    (tmp_path / "cdk.out").mkdir()
    LocalStack(tmp_path).down()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cdk.out"]


def test_an_api_is_reached_through_the_emulators_own_address() -> None:
    deployed = "http://fd5159d9.execute-api.127.0.0.1:5000"
    assert local_api_url("http://127.0.0.1:5000", deployed) == (
        "http://127.0.0.1:5000/_aws/execute-api/fd5159d9/$default"
    )


class RecordingCdk(Cdk):
    """A command line that only records its commands."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.commands: list[str] = []

    def run(self, name: str, *arguments: str, within: float, folder: Path = Path()) -> None:
        self.commands.append(name)
        if "--output" in arguments:
            Path(arguments[arguments.index("--output") + 1]).mkdir()


def test_the_app_is_synthesized_again_only_when_something_changed(tmp_path: Path) -> None:
    cdk = RecordingCdk(tmp_path)
    assert Deployment(tmp_path, cdk, {"a": "1"}).synthesize()
    assert not Deployment(tmp_path, cdk, {"a": "1"}).synthesize()
    assert Deployment(tmp_path, cdk, {"a": "2"}).synthesize()
    assert cdk.commands == ["synth", "synth"]


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(CdkFailed, match=r"cdk nonsense failed[\s\S]*--no-such-option|Unknown"):
        Cdk(tmp_path).run("nonsense", "list", "--no-such-option", "--app", "false", within=60, folder=tmp_path)


def test_a_command_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    with pytest.raises(CdkFailed, match="took longer than 1 s"):
        Cdk(tmp_path).run("slow", "synth", "--app", "sleep 600", within=1, folder=tmp_path)


def test_no_command_starts_after_a_stop(tmp_path: Path) -> None:
    cdk = Cdk(tmp_path)
    cdk.stop()
    with pytest.raises(CdkFailed, match="being ended"):
        cdk.run("late", "--version", within=5)


def test_without_a_terminal_steps_are_shown_when_they_end(capsys: pytest.CaptureFixture[str]) -> None:
    with TerminalProgress(Console(width=200)) as progress, progress.step("Deploy") as step:
        step.detail = "somewhere"
    shown = capsys.readouterr().out
    assert "Deploy" in shown
    assert "somewhere" in shown


def test_a_failed_step_is_shown_as_failed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), TerminalProgress(Console(width=200)) as progress, progress.step("Deploy"):
        raise RuntimeError
    assert "failed" in capsys.readouterr().out


def test_no_progress_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with NoProgress().step("Deploy"):
        pass
    assert capsys.readouterr().out == ""


def test_secrets_of_a_stack_are_written_as_json(tmp_path: Path) -> None:
    description().save(tmp_path)
    assert json.loads((tmp_path / "stack.json").read_text())["stack_name"] == "Chatflow-local"
