"""A missing program skips a test with its reason, and fails it where .ci/run requires every program."""

from __future__ import annotations

import pytest

from tests import programs


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PATH", "")


def test_without_a_program_a_test_is_skipped_with_the_reason(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(programs.REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs clamd: install Debian's package clamav-daemon"):
        programs.skip_without("clamd")


def test_where_programs_are_required_a_test_fails_without_one(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(programs.REQUIRED, "1")
    for name in ("clamd", "chromium", "ip"):
        with pytest.raises(pytest.fail.Exception, match=f"needs {name}"):
            programs.skip_without(name)
