"""Names that an earlier stack left, and whether they are waited for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.finding import Verdict
from chatflow_cli.doctor.leftovers import check_names, wait_for_names
from chatflow_cli.doctor.refusal import Refusal
from tests.fakes.aws_answers import account_with

STACK = "Chatflow-dev"
KEY = f"{STACK}/conversation-key"
JUST_NOW = timedelta(seconds=20)


def state(*secrets: tuple[str, timedelta | None], group: str = "") -> dict[str, Any]:
    """Secrets with how long ago each was deleted, and the state of the schedule group."""
    now = datetime.now(UTC)
    listed = [{"Name": name, **({"DeletedDate": now - ago} if ago else {})} for name, ago in secrets]
    groups = [{"Name": f"{STACK}-waits", "State": group}, {"Name": f"{STACK}-waits-2", "State": "ACTIVE"}]
    return {
        "secretsmanager.ListSecrets": {"SecretList": listed},
        "scheduler.ListScheduleGroups": {"ScheduleGroups": groups if group else groups[1:]},
    }


def account_that_becomes(*states: dict[str, Any]) -> Account:
    """An account that is read once in each state."""
    remaining: dict[str, list[Any]] = {name: [each[name] for each in states] for name in states[0]}

    def answer(name: str) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
        return lambda _parameters: remaining[name].pop(0)

    return account_with({name: answer(name) for name in states[0]})[0]


def test_names_that_aws_still_deletes_are_waited_for() -> None:
    account = account_that_becomes(state((KEY, JUST_NOW), group="DELETING"), state(group="DELETING"), state())
    told: list[str] = []
    slept: list[float] = []
    wait_for_names(account, STACK, told.append, clock=lambda: 0, sleep=slept.append)
    assert len(slept) == 2
    assert f"the secret {KEY}, the schedule group {STACK}-waits" in told[0]
    assert "conversation-key" not in told[1]


def test_names_that_never_vanish_are_told() -> None:
    account = account_that_becomes(state((f"{STACK}/channels/whatsapp", JUST_NOW)))
    times = iter([0.0, 301.0])
    with pytest.raises(Refusal, match="still deleting the secret Chatflow-dev/channels/whatsapp"):
        wait_for_names(account, STACK, [].append, clock=lambda: next(times), sleep=lambda _: None)


def test_names_that_an_earlier_stack_retained_are_told_at_once() -> None:
    account = account_that_becomes(state((KEY, None), group="ACTIVE"))
    with pytest.raises(Refusal, match="left the secret Chatflow-dev/conversation-key, the schedule group"):
        wait_for_names(account, STACK, [].append, sleep=lambda _: None)


def test_a_secret_in_its_recovery_window_is_not_waited_for() -> None:
    """A person deleted it: it keeps its name for a week or more."""
    account = account_that_becomes(state((KEY, timedelta(days=2))))
    with pytest.raises(Refusal, match=f"--force-delete-without-recovery --secret-id {KEY}$"):
        wait_for_names(account, STACK, [].append, sleep=lambda _: None)


def test_secrets_of_the_business_and_groups_of_other_stages_block_nothing() -> None:
    account = account_that_becomes(state((f"{STACK}/business/claims-token", None)))
    wait_for_names(account, STACK, [].append, sleep=lambda _: None)


@pytest.mark.parametrize(
    ("found", "verdict", "words"),
    [
        (state(), Verdict.OK, "nothing of an earlier Chatflow-dev"),
        (state((KEY, JUST_NOW)), Verdict.OK, "make deploy waits"),
        (state((KEY, None)), Verdict.NOT_OK, "cannot create them again"),
        (state((KEY, timedelta(days=2))), Verdict.NOT_OK, "can still be recovered"),
    ],
)
def test_the_doctor_waits_for_nothing(found: dict[str, Any], verdict: Verdict, words: str) -> None:
    finding = check_names(account_that_becomes(found), STACK)
    assert (finding.verdict, words in finding.text) == (verdict, True)
    assert bool(finding.mend) == (verdict is Verdict.NOT_OK)
