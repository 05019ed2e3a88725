"""The program itself, as a shell and a person at a terminal meet it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatflow_cli.exits import MEANINGS
from chatflow_cli.profiles import Profile
from tests.command_line.conftest import Chatflow
from tests.fakes.deployed import ADMIN, NOW, Contents, Draft
from tests.fakes.management_api import Deployment

COMMAND = [sys.executable, "-m", "chatflow_cli"]
ESCAPE = "\x1b"


def finished(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False, **more)


class Terminal:
    """A program at a terminal: what it shows, and keys for it."""

    def __init__(self, *words: str, columns: int = 100) -> None:
        self.shown = ""
        self._main, beside = pty.openpty()
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": "40"}
        self.process = subprocess.Popen(
            [*COMMAND, *words], stdin=beside, stdout=beside, stderr=beside, env=environment, start_new_session=True
        )
        os.close(beside)

    def type(self, keys: str) -> None:
        os.write(self._main, keys.encode())

    def until(self, seen: Callable[[str], bool], within: float = 30.0) -> str:
        """What was shown until this was true, or the program ended."""
        deadline = time.monotonic() + within
        while not seen(self.shown):
            assert time.monotonic() < deadline, self.shown
            ready, _, _ = select.select([self._main], [], [], 0.1)
            if ready:
                try:
                    data = os.read(self._main, 65536)
                except OSError:
                    data = b""
                if not data:
                    break
                self.shown += data.decode(errors="replace")
        return self.shown

    def ended(self) -> int:
        self.until(lambda _: False)
        os.close(self._main)
        return self.process.wait(30)


@pytest.fixture(scope="module")
def help_page() -> str:
    return finished("--help", env={**os.environ, "COLUMNS": "200"}).stdout


@pytest.mark.parametrize("code", list(MEANINGS))
def test_every_exit_code_is_explained(help_page: str, code: int) -> None:
    assert f"{int(code)} {MEANINGS[code]}" in " ".join(help_page.split())


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


@pytest.mark.parametrize(
    ("status", "slug", "code"),
    [
        (400, "invalid-request", 1),
        (401, "unauthorized", 3),
        (403, "forbidden", 3),
        (404, "not-found", 4),
        (409, "conflict", 5),
        (412, "edit-conflict", 5),
        (413, "too-large", 1),
        (422, "invalid-request", 1),
        (428, "precondition-required", 5),
        (500, "internal", 6),
    ],
)
def test_a_problem_ends_in_its_exit_code(
    chatflow: Chatflow, deployment: Deployment, logged_in: Profile, *, status: int, slug: str, code: int
) -> None:
    document = {"type": f"urn:chatflow:problem:{slug}", "title": "Title", "detail": "Detail.", "status": status}
    deployment.faults = [(status, json.dumps(document))] * 2
    said = chatflow("flows", "list")
    assert said.code == code
    assert said.out == ""
    assert said.err.startswith("Title\nDetail.\n")

    deployment.faults = [(status, json.dumps(document))] * 2
    error = chatflow("flows", "list", "--json").json["error"]
    assert (error["exit"], error["type"], error["detail"]) == (code, document["type"], "Detail.")


def test_each_wrong_field_is_named(chatflow: Chatflow, deployment: Deployment, logged_in: Profile) -> None:
    errors = [{"field": "query.kind", "message": "not a kind"}, {"field": "query.state", "message": "not a state"}]
    deployment.faults = [(422, json.dumps({"title": "The request is not valid", "detail": "x", "errors": errors}))]
    said = chatflow("assets", "list", "--kind", "paper")
    assert said.err.splitlines()[1:] == ["query.kind: not a kind", "query.state: not a state"]


def test_a_moment_of_unavailability_is_not_noticed(
    chatflow: Chatflow, deployment: Deployment, logged_in: Profile
) -> None:
    deployment.faults = [(503, ""), (429, "{}")]
    assert chatflow("flows", "list").code == 0
    deployment.faults = [(503, "")] * 4
    assert chatflow("flows", "list").code == 6


def test_a_repeated_post_carries_the_same_key_and_a_put_is_not_repeated(
    chatflow: Chatflow, deployment: Deployment, logged_in: Profile
) -> None:
    deployment.faults = [(502, "<html>Bad gateway</html>")]
    assert chatflow("sessions", "find", "--contact", "1", "--account", "1").code == 0
    first, second = (call.headers["idempotency-key"] for call in deployment.calls)
    assert first == second
    deployment.faults = [(502, "")]
    assert chatflow("secrets", "set", "a", typed="b").code == 6


def test_a_deployment_that_is_gone_is_unavailable(chatflow: Chatflow, logged_in: Profile) -> None:
    from dataclasses import replace

    from chatflow_cli.profiles import Profiles

    Profiles().save("default", replace(logged_in, url="http://127.0.0.1:9/api/v1"))
    said = chatflow("whoami")
    assert said.code == 6
    assert "does not answer" in said.err
    assert "Traceback" not in said.err


def test_a_fault_of_our_own_shows_no_stack_trace(
    chatflow: Chatflow, logged_in: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatflow_cli.api.ManagementApi.get", lambda *_, **__: 1 / 0)
    said = chatflow("whoami")
    assert said.code == 70
    assert "ZeroDivisionError" in said.err
    assert "Traceback" not in said.err


def test_words_of_others_do_not_steer_the_terminal(chatflow: Chatflow, contents: Contents, logged_in: Profile) -> None:
    unknown = dict.fromkeys(("conversation", "event", "session", "turn", "node"))
    strange = {"reason": "a\x1b[2Jb\u202ec\x9bd[bold]e[/bold]\n\tf", "kind": ":smile:", "state": "dead"}
    contents.letters = [{"id": "e-1", "queue": "events", "at": NOW, **unknown, **strange}]
    said = chatflow("dead-letters", "list")
    assert "a\\x1b[2Jb\\u202ec\\x9bd[bold]e[/bold] f" in said.out
    assert ":smile:" in said.out
    assert chatflow("dead-letters", "list", "--json").json["items"] == contents.letters


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
    from tests.fakes.deployed import PASSWORD
    from tests.fakes.user_pool import CLIENT

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
