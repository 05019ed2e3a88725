"""`make deploy` as a shell runs it: it asks nothing, and takes this checkout's environment."""

from __future__ import annotations

import os
import subprocess

import pytest

from infrastructure.packaging.contents import ROOT


def _make(*arguments: str, **environment: str) -> str:
    run = subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def test_a_deploy_asks_for_no_confirmation() -> None:
    """Without a terminal, `cdk deploy` ends when it would ask, which it does for every new permission."""
    (command,) = (line for line in _make("-n", "deploy").splitlines() if line.startswith("node_modules/.bin/cdk"))
    assert "deploy --require-approval never -c stage=dev" in command


def test_a_deploy_reads_the_account_first() -> None:
    commands = _make("-n", "deploy", "STAGE=prod", "ARGS=-c concurrency=4")
    preflight, deploy = commands.find("infrastructure.preflight"), commands.find("cdk deploy --require-approval")
    assert 0 < preflight < deploy
    assert commands.count("-c stage=prod -c concurrency=4") == 3  # the check, the line that is shown, and the deploy


def test_the_doctor_looks_at_the_stage_that_a_deploy_would_take() -> None:
    (command,) = (line for line in _make("-n", "doctor", "STAGE=prod", "ARGS=--json").splitlines() if "doctor" in line)
    assert command == ".venv/bin/chatflow doctor --stage prod --json"


@pytest.mark.parametrize("other", ["", "/somewhere/else/.venv"])
def test_the_app_runs_in_this_checkouts_environment(other: str) -> None:
    """cdk.json starts the app by VIRTUAL_ENV, which names another folder where another environment is active."""
    shown = _make("-s", "--eval", "shown: ; @echo $$VIRTUAL_ENV", "shown", VIRTUAL_ENV=other)
    assert shown.strip() == str(ROOT / ".venv")
