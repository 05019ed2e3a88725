"""`make deploy` before the CDK: it adds what it chose, or says what is wrong and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import exceptions

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.machine import Machine
from infrastructure.preflight import main
from tests.fakes.aws_answers import account_with, refusal
from tests.fakes.healthy_account import SoundMachine, before_a_deploy, limits, stack

READS = re.compile(r"\w[\w-]*\.(Get|List|Describe)\w+")


@dataclass
class Ended:
    """The exit code, the options for the CDK, and what a person reads."""

    code: int
    options: str
    told: str


@pytest.fixture
def preflight(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run it against an account that is healthy but for these answers."""

    def run(*arguments: str, answers: Mapping[str, Any] | None = None, machine: Machine | None = None) -> Ended:
        account, session = account_with({**before_a_deploy(), **(answers or {})})
        code = main(arguments, open_account=lambda _profile, _region: account, machine=machine or SoundMachine())
        assert all(READS.fullmatch(call) for call in session.calls), "nothing is changed"
        shown = capsys.readouterr()
        return Ended(code, shown.out.strip(), shown.err)

    return run


def test_the_default_concurrency_is_added(preflight: Any) -> None:
    ended = preflight("-c", "stage=dev")
    assert (ended.code, ended.options) == (0, "-c concurrency=50")
    assert ended.told.splitlines() == [
        "Concurrency, ok: 1000 Lambda executions at the same time: concurrency=50, about 29 conversations a second"
    ]


def test_a_new_account_gets_a_concurrency_that_fits(preflight: Any) -> None:
    ended = preflight(answers={"lambda.GetAccountSettings": limits(10)})
    assert (ended.code, ended.options) == (0, "-c concurrency=4")
    assert "less than the default 50" in ended.told


def test_a_concurrency_of_the_command_line_stays(preflight: Any) -> None:
    ended = preflight("-c", "stage=dev", "--context", "concurrency=9", "--verbose")
    assert (ended.code, ended.options, ended.told) == (0, "", "")


def test_a_running_stack_has_its_names_itself(preflight: Any) -> None:
    taken = {"SecretList": [{"Name": "Chatflow-prod/conversation-key"}]}
    deployed = stack("UPDATE_COMPLETE", protected=True)
    answers = {"cloudformation.DescribeStacks": deployed, "secretsmanager.ListSecrets": taken}
    assert preflight("-c", "stage=prod", answers=answers).code == 0


def test_names_that_aws_still_deletes_are_waited_for(preflight: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatflow_cli.doctor.leftovers._POLL_SECONDS", 0)
    vanishing = {"SecretList": [{"Name": "Chatflow-dev/conversation-key", "DeletedDate": datetime.now(UTC)}]}
    states = [vanishing, vanishing, {"SecretList": []}]
    ended = preflight(answers={"secretsmanager.ListSecrets": lambda _: states.pop(0)})
    assert (ended.code, states) == (0, [])
    assert "AWS is still deleting the secret Chatflow-dev/conversation-key" in ended.told


def test_a_protected_stack_whose_first_deploy_failed_is_named(preflight: Any) -> None:
    """The CDK would have to delete it, and cannot."""
    ended = preflight(answers={"cloudformation.DescribeStacks": stack("ROLLBACK_COMPLETE", protected=True)})
    assert (ended.code, ended.options) == (1, "")
    assert "is protected from deletion" in ended.told
    assert "--no-enable-termination-protection --stack-name Chatflow-dev" in ended.told


@pytest.mark.parametrize(
    ("answers", "words", "mend"),
    [
        (
            {"sts.GetCallerIdentity": exceptions.NoCredentialsError()},
            "no AWS credentials",
            "aws sts get-caller-identity",
        ),
        ({"sts.GetCallerIdentity": refusal("ExpiredToken")}, "has expired", "Sign in again"),
        (
            {"ssm.GetParameter": refusal("ParameterNotFound")},
            "not bootstrapped",
            "cdk bootstrap aws://123456789012/eu-west-1",
        ),
        ({"lambda.GetAccountSettings": limits(4)}, "may run 4 Lambda executions", "Service Quotas"),
        ({"lambda.GetAccountSettings": refusal("AccessDeniedException")}, "may not call", "-c concurrency=<number>"),
        (
            {"secretsmanager.ListSecrets": {"SecretList": [{"Name": "Chatflow-dev/channels/whatsapp"}]}},
            *("left the secret Chatflow-dev/channels/whatsapp", "docs/deploy.md"),
        ),
    ],
)
def test_a_deploy_that_would_fail_is_not_begun(preflight: Any, answers: dict[str, Any], words: str, mend: str) -> None:
    ended = preflight(answers=answers)
    assert (ended.code, ended.options) == (1, "")
    assert words in ended.told
    assert mend in ended.told
    assert ended.told.endswith("The deploy was not begun, for the reason above. Nothing was changed.\n")


def test_every_reason_is_told_at_once(preflight: Any) -> None:
    answers = {"ssm.GetParameter": refusal("ParameterNotFound"), "lambda.GetAccountSettings": limits(4)}
    ended = preflight(answers=answers)
    assert "not bootstrapped" in ended.told
    assert "may run 4 Lambda executions" in ended.told
    assert "for the reasons above" in ended.told


def test_what_may_not_be_read_is_told_and_stops_nothing(preflight: Any) -> None:
    """The CDK deploys with roles of its own: whoever deploys need not be allowed to read all this."""
    denied = [
        *("ssm.GetParameter", "apigateway.GetAccount", "service-quotas.ListServiceQuotas", "iam.GetAccountSummary"),
        *("cloudformation.DescribeStacks", "lambda.GetAccountSettings", "scheduler.ListScheduleGroups"),
    ]
    ended = preflight("-c", "concurrency=4", answers=dict.fromkeys(denied, refusal("AccessDenied")))
    assert (ended.code, ended.options) == (0, "")
    assert "Bootstrap, cannot tell: These credentials may not call ssm:GetParameter." in ended.told


def test_names_that_may_not_be_read_stop_nothing(preflight: Any) -> None:
    ended = preflight(answers={"scheduler.ListScheduleGroups": refusal("AccessDenied")})
    assert (ended.code, ended.options) == (0, "-c concurrency=50")


def test_a_value_that_is_no_number_is_refused(preflight: Any) -> None:
    ended = preflight("-c", "concurrency=many")
    assert (ended.code, ended.options) == (1, "")
    assert 'concurrency is a whole number, not "many".' in ended.told


def test_the_profile_and_region_of_the_command_line_are_those_of_the_cdk(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str | None] = []

    def open_account(profile: str | None, region: str | None) -> Account:
        asked.extend((profile, region))
        raise exceptions.ProfileNotFound(profile=str(profile))

    assert main(["--profile", "prod", "--region=eu-north-1"], open_account=open_account, machine=SoundMachine()) == 1
    assert asked == ["prod", "eu-north-1"]
    assert "The config profile (prod) could not be found." in capsys.readouterr().err
