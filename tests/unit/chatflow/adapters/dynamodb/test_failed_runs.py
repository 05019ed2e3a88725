"""The runs of an event are counted where a run failed, and the apology is claimed once."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.dynamodb.failed_runs import FailedRuns, Runs
from tests.fakes.aws_account import create_table


@pytest.fixture
def runs(aws_account: Any) -> FailedRuns:
    create_table("sessions", "conversation", "item")
    return FailedRuns("sessions")


def test_runs_are_counted_and_the_last_reason_stays(runs: FailedRuns) -> None:
    assert runs.fail("c_ann", "wamid.1", "it broke", 1) == Runs(1, "it broke")
    assert runs.begin("c_ann", "wamid.1") == Runs(2, "it broke")
    assert runs.fail("c_ann", "wamid.1", "AWS was busy", -1) == Runs(1, "AWS was busy")
    assert runs.begin("c_ann", "wamid.2") == Runs(1)


def test_an_event_that_is_redriven_has_all_its_runs_again(runs: FailedRuns) -> None:
    runs.fail("c_ann", "wamid.1", "it broke", 5)
    runs.forget("c_ann", "wamid.1")
    assert runs.begin("c_ann", "wamid.1") == Runs(1)


def test_the_apology_is_claimed_once_until_the_session_moves(runs: FailedRuns) -> None:
    claims = [("s_1", 3), ("s_1", 3), ("s_1", 4), ("s_2", 4), ("s_2", 4)]
    assert [runs.claim_apology("c_ann", *claim) for claim in claims] == [True, False, True, True, False]
    assert runs.claim_apology("c_bob", "s_2", 4)
