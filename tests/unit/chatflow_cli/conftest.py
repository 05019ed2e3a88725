"""A deployment on loopback, a logged-in admin, and `chatflow` run in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chatflow_cli.app import app
from chatflow_cli.auth.profiles import Profile, Profiles
from tests.fakes.management.contents import ADMIN, Contents
from tests.fakes.management.deployed import deployed
from tests.fakes.management.deployment import Deployment
from tests.fakes.management.serving import serving
from tests.fakes.management.user_pool import CLIENT

FLOW = """\
chatflow: 1
flow: photo
title: Take a photo
start: hello
nodes:
  hello: {type: text, say: Hello, then: end}
"""


@dataclass
class CommandResult:
    """How a command ended: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Chatflow = Callable[..., CommandResult]


@pytest.fixture(autouse=True)
def isolated_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHATFLOW_TOKEN", "CHATFLOW_URL", "CHATFLOW_PROFILE", "CHATFLOW_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr("chatflow_cli.api._RETRY_DELAYS", (0.01, 0.01, 0.01))
    monkeypatch.setattr("chatflow_cli.uploads._POLL_INTERVAL", 0.01)
    monkeypatch.setattr("chatflow_cli.commands.sessions._POLL_INTERVAL", 0.01)


@pytest.fixture
def both() -> Iterator[tuple[Deployment, Contents]]:
    deployment, contents = deployed()
    with serving(deployment):
        yield deployment, contents
    assert deployment.departures == []


@pytest.fixture
def deployment(both: tuple[Deployment, Contents]) -> Deployment:
    return both[0]


@pytest.fixture
def contents(both: tuple[Deployment, Contents]) -> Contents:
    return both[1]


@pytest.fixture
def chatflow() -> Chatflow:
    """Run a command in this process."""

    def run(*words: str, typed: str = "") -> CommandResult:
        completed: Result = CliRunner().invoke(app, list(words), input=typed)
        if completed.exception and not isinstance(completed.exception, SystemExit):
            raise completed.exception
        return CommandResult(completed.exit_code, completed.stdout, completed.stderr)

    return run


@pytest.fixture
def logged_in(deployment: Deployment) -> Profile:
    """The admin, as `chatflow login` leaves it."""
    deployment.pool.tokens["access-0"] = ADMIN
    deployment.pool.refresh_tokens["refresh-0"] = ADMIN
    profile = Profile(deployment.api_url, f"{deployment.url}/", CLIENT, ADMIN, "access-0", "refresh-0", 4_000_000_000)
    Profiles().save("default", profile)
    return profile


@pytest.fixture
def flow_file(tmp_path: Path) -> Path:
    file = tmp_path / "photo.yaml"
    file.write_text(FLOW)
    return file
