"""`chatflow doctor` against the deployed stack: every check that the emulator can answer, and nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.description import Description

pytestmark = pytest.mark.slow

# What the emulator does not have.
UNANSWERED = {"Schedules"}


@pytest.fixture
def chatflow(stack: Description, tmp_path: Path) -> Any:
    """`chatflow`, with AWS credentials for the stack (the fixtures of the journeys set them)."""
    (tmp_path / ".local").mkdir()
    stack.save(tmp_path / ".local")
    own = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")}
    environment = {**{name: value for name, value in os.environ.items() if not name.startswith("CHATFLOW_")}, **own}

    def run(*words: str, expect: int = 0) -> Any:
        command = [sys.executable, "-m", "chatflow_cli", *words, "--json"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == expect, (words, done.stdout, done.stderr)
        return json.loads(done.stdout)

    return run


def test_a_deployed_stack_passes_every_check_and_keeps_nothing_of_it(chatflow: Any) -> None:
    chatflow("login")

    def names() -> list[list[str]]:
        return [[each["name"] for each in chatflow(kind, "list")["items"]] for kind in ("assets", "flows")]

    before = names()
    report = chatflow("doctor", "--stage", "local")
    lines = {line["check"]: line for line in [*report["before"], *report["after"]]}
    not_ok = {name: line for name, line in lines.items() if line["verdict"] != "ok"}
    assert not_ok.keys() <= UNANSWERED, not_ok
    assert {"Bootstrap", "Sign in", "Asset", "Flow", "Turn machine", "Events trigger", "Alarms"} <= lines.keys()
    assert names() == before


def test_a_stage_that_is_not_deployed_has_nothing_to_try(chatflow: Any) -> None:
    report = chatflow("doctor", "--stage", "other")
    assert report["after"] == []
    assert {"Names", "IAM roles"} <= {line["check"] for line in report["before"]}
