"""`make security` prints what it covers and its findings, and fails when there is a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from infrastructure.review import security
from infrastructure.review.security import CHECKS, Check, bandit, pins, run_checks, secrets_in_files


def test_each_check_has_one_line_with_its_findings_beneath(capsys: pytest.CaptureFixture[str]) -> None:
    code = run_checks([Check("first", lambda: ("3 files", [])), Check("second", lambda: ("4 files", ["here: bad"]))])
    first, second, beneath, *_ = capsys.readouterr().out.splitlines()
    assert code == 1
    assert first.split() == ["first", "3", "files", "ok"]
    assert second.split() == ["second", "4", "files", "1", "findings"]
    assert beneath.strip() == "here: bad"


def test_no_finding_is_a_success_and_unavailable_checks_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_checks([Check("only", lambda: ("nothing", []))]) == 0
    assert "dependency audit   not run" in capsys.readouterr().out


@pytest.mark.parametrize("scan", [pins, secrets_in_files, pytest.param(bandit, marks=pytest.mark.slow)])
def test_the_repository_has_no_finding(scan: object) -> None:
    (check,) = (each for each in CHECKS if each.scan is scan)
    scope, findings = check.scan()
    assert findings == []
    assert int(scope.split()[0]) > 20


def test_a_key_in_a_file_is_found_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "AKIA" + "ABCDEFGHIJKLMNOP"
    (tmp_path / "notes.txt").write_text(f"nothing\nthe key is {key}\n")
    (tmp_path / "example.txt").write_text("AKIAIOSFODNN7EXAMPLE\n")
    monkeypatch.setattr(security, "ROOT", tmp_path)
    monkeypatch.setattr(security, "_tracked_files", lambda: ["notes.txt", "example.txt", "gone.txt"])
    assert secrets_in_files() == ("3 files that git tracks", ["notes.txt:2"])


@pytest.mark.parametrize(
    "line", ["boto3>=1\n", "boto3==1.0\n", "boto3 @ https://example.com/boto3.whl --hash=sha256:" + "0" * 64]
)
def test_a_package_without_its_hash_is_found(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_text(f"# made by make lock\n{line}")
    monkeypatch.setattr(security, "ROOT", tmp_path)
    monkeypatch.setattr(security, "_tracked_files", lambda: ["requirements.txt"])
    assert len(pins()[1]) == 1
