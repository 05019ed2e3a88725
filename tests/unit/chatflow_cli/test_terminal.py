"""The installed program in a shell and on a terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from chatflow_cli.auth.profiles import Profile
from chatflow_cli.errors import EXIT_CODE_MEANINGS
from tests.fakes.management.contents import ADMIN, NOW, Contents, Draft
from tests.fakes.management.deployment import Deployment
from tests.fakes.terminal import COMMAND, Terminal

ESCAPE = "\x1b"


def finished(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False, **more)


@pytest.fixture(scope="module")
def help_page() -> str:
    return finished("--help", env={**os.environ, "COLUMNS": "200"}).stdout


@pytest.mark.parametrize("code", list(EXIT_CODE_MEANINGS))
def test_every_exit_code_is_explained(help_page: str, code: int) -> None:
    assert f"{int(code)} {EXIT_CODE_MEANINGS[code]}" in " ".join(help_page.split())


def test_the_program_is_installed_under_its_name() -> None:
    installed = Path(sys.executable).with_name("chatflow")
    done = subprocess.run([installed, "--version"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.split()[0]) == (0, "chatflow")


def test_starting_imports_no_http_no_models_and_no_aws() -> None:
    script = "import sys, chatflow_cli.app; print([name for name in sys.modules if '.' not in name])"
    loaded = set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split("'")
    )
    assert loaded & {"httpx", "pydantic", "yaml", "boto3", "botocore", "rich"} == set()


def test_every_command_takes_json_and_profile_and_says_what_it_is_for() -> None:
    from typer.main import get_command

    from chatflow_cli.app import app

    def commands(node: Any, path: str) -> list[tuple[str, Any]]:
        below = getattr(node, "commands", {})
        return [each for name, child in below.items() for each in commands(child, f"{path} {name}")] or [(path, node)]

    found = commands(get_command(app), "chatflow")
    assert len(found) > 40
    for name, each in found:
        options = {option for parameter in each.params for option in parameter.opts}
        assert {"--json", "--profile"} <= options, name
        assert each.help, name


def test_what_is_no_terminal_gets_plain_whole_lines(contents: Contents, logged_in: Profile) -> None:
    contents.drafts = {f"{'long-' * 40}{number}": Draft("nodes: {}", 1, ADMIN) for number in range(3)}
    done = finished("flows", "list", env={**os.environ, "COLUMNS": "40"})
    assert done.returncode == 0
    assert ESCAPE not in done.stdout
    assert len(done.stdout.splitlines()) == 4
    assert done.stderr == ""


def test_a_reader_that_had_enough_is_no_error(contents: Contents, logged_in: Profile) -> None:
    contents.drafts = {f"{'long-' * 400}{number}": Draft("nodes: {}", 1, ADMIN) for number in range(100)}
    words = " ".join([*COMMAND, "flows", "list"])
    done = subprocess.run(
        ["bash", "-c", f"{words} | head -1; echo ${{PIPESTATUS[0]}} >&2"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.strip() == "0"


def test_usage_errors_are_two() -> None:
    assert finished("flows", "nothing").returncode == 2
    assert finished("flows", "rollback", "photo", "none").returncode == 2
    assert finished("flows", "validate", "/nowhere").returncode == 2


def test_an_upload_shows_a_bar_on_a_terminal_and_nowhere_else(
    contents: Contents, logged_in: Profile, tmp_path: Path
) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(bytes(3_000_000))
    terminal = Terminal("assets", "upload", str(file))
    assert terminal.ended() == 0
    assert "━" in terminal.shown
    assert "3.0/3.0 MB" in terminal.shown
    assert ESCAPE in terminal.shown

    done = finished("assets", "upload", str(file), "--name", "again")
    assert done.stderr == ""
    assert done.stdout == "ready     again  image, 2.9 MB\n"


def test_a_password_that_is_typed_is_not_shown(deployment: Deployment) -> None:
    from tests.fakes.management.contents import PASSWORD
    from tests.fakes.management.user_pool import CLIENT

    terminal = Terminal("login", deployment.url, "--client", CLIENT, "--cognito-url", f"{deployment.url}/")
    terminal.until(lambda shown: "Name" in shown)
    terminal.type(f"{ADMIN}\n")
    terminal.until(lambda shown: "Password: " in shown)
    terminal.type(f"{PASSWORD}\n")
    assert terminal.ended() == 0
    assert PASSWORD not in terminal.shown
    assert "Logged in" in terminal.shown


def test_one_may_say_no(contents: Contents, logged_in: Profile) -> None:
    contents.sources, contents.live = {"photo": ["flow: photo"]}, {"photo": 1}
    terminal = Terminal("flows", "unpublish", "photo")
    terminal.until(lambda shown: "Unpublish photo?" in shown)
    terminal.type("n\n")
    assert terminal.ended() == 2
    assert contents.live == {"photo": 1}


def test_ctrl_c_ends_a_command_cleanly(deployment: Deployment, logged_in: Profile) -> None:
    deployment.answers_slowly = threading.Event()
    process = subprocess.Popen([*COMMAND, "flows", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not deployment.calls:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err.strip() == "Interrupted."


def test_a_conversation_is_followed_until_ctrl_c(contents: Contents, logged_in: Profile) -> None:
    def turn(number: int, text: str) -> dict[str, Any]:
        return {
            "id": f"e_{number}",
            "session": "s_1",
            "turn": number,
            "at": NOW,
            "flow": "photo",
            "version": 1,
            "event": {"kind": "message", "message": {"text": text}},
            "visits": [],
            "changes": {},
            "media": [],
            "state": "waiting",
            "node": "ask",
            "stale": False,
            "refused": None,
            "failure": None,
        }

    contents.turns = [turn(number, f"old {number}") for number in range(1, 9)]
    terminal = Terminal("sessions", "tail", "c_1", "--past", "2")
    shown = terminal.until(lambda shown: "old 8" in shown)
    assert "old 7" in shown
    assert "old 6" not in shown
    contents.turns.append(turn(9, "and now"))
    shown = terminal.until(lambda shown: "and now" in shown)
    assert len(re.findall("old 8", shown)) == 1
    terminal.type("\x03")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.ended() == 130
