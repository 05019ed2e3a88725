"""What a deploy needs on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatflow_cli.doctor.finding import Finding, Verdict
from chatflow_cli.doctor.machine import Machine, umask
from tests.fakes.healthy_account import planted_checkout


def node_that_prints(folder: Path, text: str, *, code: int = 0) -> str:
    """A PATH with this `node` only."""
    program = folder / "bin" / "node"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{text}'\nexit {code}\n")
    program.chmod(0o755)
    return str(program.parent)


def findings(checkout: Path, **environment: str) -> dict[str, Finding]:
    return {each.check: each for each in Machine(checkout, environment).findings()}


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        ("v20.20.2", Verdict.OK),
        ("v24.0.0", Verdict.OK),
        ("v18.19.0", Verdict.NOT_OK),
        ("v20.18.3", Verdict.NOT_OK),
        ("v9.11.2", Verdict.NOT_OK),
        ("hello", Verdict.CANNOT_TELL),
    ],
)
def test_an_old_node_is_told(tmp_path: Path, printed: str, verdict: Verdict) -> None:
    found = findings(planted_checkout(tmp_path), PATH=node_that_prints(tmp_path, printed))
    assert found["Node.js"].verdict is verdict


def test_a_missing_or_broken_node_is_told(tmp_path: Path) -> None:
    checkout = planted_checkout(tmp_path)
    assert "no `node`" in findings(checkout, PATH=str(tmp_path))["Node.js"].text
    assert "fails" in findings(checkout, PATH=node_that_prints(tmp_path, "", code=1))["Node.js"].text


@pytest.mark.parametrize(
    ("cdk", "library", "words"),
    [
        ("", "", "aws-cdk is not installed, pinned is 2.1."),
        ("2.0", "", "aws-cdk is 2.0, pinned is 2.1."),
        ("2.1", "9.9.9", "pinned is 9.9.9."),
    ],
)
def test_a_cdk_that_is_not_the_pinned_one_is_told(tmp_path: Path, cdk: str, library: str, words: str) -> None:
    found = findings(planted_checkout(tmp_path, cdk=cdk, library=library))["CDK"]
    assert (found.verdict, words in found.text, "make ready" in found.mend) == (Verdict.NOT_OK, True, True)


def test_the_pinned_cdk_is_ok(tmp_path: Path) -> None:
    assert findings(planted_checkout(tmp_path))["CDK"].verdict is Verdict.OK


def test_another_active_virtualenv_is_told(tmp_path: Path) -> None:
    checkout = planted_checkout(tmp_path)
    assert findings(checkout)["Virtualenv"].verdict is Verdict.OK
    assert findings(checkout, VIRTUAL_ENV=str(checkout / ".venv"))["Virtualenv"].verdict is Verdict.OK
    other = findings(checkout, VIRTUAL_ENV="/somewhere/else/.venv")["Virtualenv"]
    assert (other.verdict, "deactivate" in other.mend) == (Verdict.NOT_OK, True)


def test_a_missing_virtualenv_is_told(tmp_path: Path) -> None:
    checkout = planted_checkout(tmp_path)
    (checkout / ".venv" / "bin" / "python").unlink()
    assert "make ready" in findings(checkout)["Virtualenv"].mend


def test_without_a_checkout_nothing_is_told_of_the_machine(tmp_path: Path) -> None:
    (found,) = findings(tmp_path).values()
    assert (found.verdict, "make doctor" in found.mend) == (Verdict.CANNOT_TELL, True)


@pytest.mark.parametrize(
    ("mask", "verdict"),
    [(0o022, Verdict.OK), (0o077, Verdict.OK), (0o000, Verdict.OK), (0o277, Verdict.NOT_OK), (0o777, Verdict.NOT_OK)],
)
def test_only_a_umask_against_its_own_user_stops_a_build(mask: int, verdict: Verdict) -> None:
    assert umask(mask).verdict is verdict


def test_reading_the_umask_leaves_it(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert findings(planted_checkout(tmp_path))["Umask"].text == "0027"
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
