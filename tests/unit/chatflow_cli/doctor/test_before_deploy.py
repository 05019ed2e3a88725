"""The checks before a deploy, with accounts that this project has not seen: each says what is wrong and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from botocore import exceptions

from chatflow_cli.doctor.account import Account, region_of
from chatflow_cli.doctor.before_deploy import BeforeDeploy
from chatflow_cli.doctor.finding import Finding, Verdict
from chatflow_cli.doctor.options import DeployOptions
from tests.fakes.aws_answers import AnsweringSession, account_with, refusal
from tests.fakes.healthy_account import SoundMachine, before_a_deploy, limits, stack

READS = re.compile(r"\w[\w-]*\.(Get|List|Describe)\w+")


def checked(
    answers: Mapping[str, Any] | None = None, *, region: str = "eu-west-1", **options: Any
) -> tuple[list[Finding], BeforeDeploy, AnsweringSession]:
    """The findings about an account that is healthy but for these answers."""
    account, session = account_with({**before_a_deploy(), **(answers or {})}, region)
    checks = BeforeDeploy(DeployOptions(**options), lambda: account, SoundMachine())
    return list(checks.findings()), checks, session


def wrong(findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if each.verdict is not Verdict.OK]


def test_a_bootstrapped_account_with_room_is_ok() -> None:
    findings, checks, session = checked()
    assert wrong(findings) == []
    assert checks.concurrency == 50
    assert [each.check for each in findings] == [
        *("Node.js", "CDK", "Virtualenv", "Umask", "Region", "Credentials", "Bootstrap", "Concurrency"),
        *("Lambda storage", "API Gateway", "Schedules", "IAM roles", "Stack", "Names"),
    ]
    assert all(READS.fullmatch(call) for call in session.calls)


# What is answered instead, then the check, its verdict, and words of the text and of the mend.
BAD_INPUT = [
    pytest.param(*case, id=case[2])
    for case in [
        (
            {"sts.GetCallerIdentity": exceptions.NoCredentialsError()},
            "Credentials",
            "no AWS credentials",
            "AWS_PROFILE",
        ),
        ({"sts.GetCallerIdentity": refusal("ExpiredToken")}, "Credentials", "has expired (ExpiredToken)", "again"),
        (
            {"sts.GetCallerIdentity": exceptions.UnauthorizedSSOTokenError()},
            *("Credentials", "session of this shell has expired", "aws sso login"),
        ),
        (
            {"sts.GetCallerIdentity": exceptions.SSOTokenLoadError(error_msg="x")},
            *("Credentials", "session of this shell has expired.", "aws sso login"),
        ),
        (
            {"sts.GetCallerIdentity": exceptions.PartialCredentialsError(provider="env", cred_var="SECRET")},
            *("Credentials", "cannot be used", "AWS_PROFILE"),
        ),
        (
            {"sts.GetCallerIdentity": exceptions.CredentialRetrievalError(provider="x", error_msg="y")},
            *("Credentials", "cannot be fetched", "Sign in"),
        ),
        ({"sts.GetCallerIdentity": refusal("InvalidClientTokenId")}, "Credentials", "not enabled", "AWS_REGION"),
        ({"sts.GetCallerIdentity": refusal("SignatureDoesNotMatch")}, "Credentials", "signature", "clock"),
        ({"sts.GetCallerIdentity": refusal("AccessDenied")}, "Credentials", "may not call sts:GetCaller", "Allow sts:"),
        ({"sts.GetCallerIdentity": refusal("Throttling")}, "Credentials", "too busy", "minute"),
        (
            {"sts.GetCallerIdentity": exceptions.EndpointConnectionError(endpoint_url="https://sts.x")},
            *("Credentials", "AWS does not answer", "network"),
        ),
        (
            {"sts.GetCallerIdentity": exceptions.SSLError(endpoint_url="https://sts.x", error="self-signed")},
            *("Credentials", "not trusted", "AWS_CA_BUNDLE"),
        ),
        (
            {"ssm.GetParameter": refusal("ParameterNotFound")},
            "Bootstrap",
            "not bootstrapped",
            "cdk bootstrap aws://1234",
        ),
        ({"ssm.GetParameter": {"Parameter": {"Value": "5"}}}, "Bootstrap", "Version 5 is too old", "cdk bootstrap"),
        ({"lambda.GetAccountSettings": limits(5)}, "Concurrency", "may run 5 Lambda", "Service Quotas"),
        (
            {"lambda.GetAccountSettings": refusal("AccessDeniedException")},
            *("Concurrency", "may not call lambda:GetAccountSettings", "-c concurrency=<number>"),
        ),
        (
            {"lambda.GetAccountSettings": limits(code_used=75 * 1024**3 - 1)},
            *("Lambda storage", "75.0 of 75.0 GB", "Delete old versions"),
        ),
        (
            {"apigateway.GetAccount": {"throttleSettings": {"rateLimit": 50.0}}},
            "API Gateway",
            "50 requests",
            "=50 or less",
        ),
        (
            {"iam.GetAccountSummary": {"SummaryMap": {"Roles": 990, "RolesQuota": 1000}}},
            *("IAM roles", "990 of 1000", "Delete roles"),
        ),
        (
            {"secretsmanager.ListSecrets": {"SecretList": [{"Name": "Chatflow-dev/conversation-key"}]}},
            *("Names", "left the secret Chatflow-dev/conversation-key", "delete them"),
        ),
        (
            {"cloudformation.DescribeStacks": stack("ROLLBACK_COMPLETE", protected=True)},
            *("Stack", "is protected from deletion", "--no-enable-termination-protection --stack-name Chatflow-dev"),
        ),
        ({"cloudformation.DescribeStacks": stack("UPDATE_IN_PROGRESS")}, "Stack", "being changed", "Wait"),
        (
            {"cloudformation.DescribeStacks": stack("UPDATE_ROLLBACK_FAILED")},
            *("Stack", "rollback of an update", "continue-update-rollback"),
        ),
        ({"cloudformation.DescribeStacks": stack("DELETE_FAILED")}, "Stack", "not be deleted", "make destroy"),
    ]
]


@pytest.mark.parametrize(("answers", "check", "words", "mend"), BAD_INPUT)
def test_what_stops_a_deploy_is_named_with_its_mend(answers: dict[str, Any], check: str, words: str, mend: str) -> None:
    findings, _, session = checked(answers)
    (found,) = (each for each in findings if each.check == check and each.verdict is Verdict.NOT_OK)
    assert words in found.text
    assert mend in found.mend
    assert found.text.endswith(".")
    assert all(READS.fullmatch(call) for call in session.calls), "nothing is changed"


@pytest.mark.parametrize("code", ["AccessDenied", "InternalError"])
@pytest.mark.parametrize(
    ("call", "check"),
    [
        ("ssm.GetParameter", "Bootstrap"),
        ("apigateway.GetAccount", "API Gateway"),
        ("service-quotas.ListServiceQuotas", "Schedules"),
        ("iam.GetAccountSummary", "IAM roles"),
        ("cloudformation.DescribeStacks", "Stack"),
        ("secretsmanager.ListSecrets", "Names"),
        ("scheduler.ListScheduleGroups", "Names"),
    ],
)
def test_what_may_not_be_read_stops_nothing(call: str, check: str, code: str) -> None:
    """The CDK deploys with roles of its own: whoever deploys need not be allowed to read all this."""
    findings, _, _ = checked({call: refusal(code)})
    (found,) = wrong(findings)
    assert (found.check, found.verdict) == (check, Verdict.CANNOT_TELL)
    if code == "AccessDenied":
        assert "docs/deploy.md" in found.mend


@pytest.mark.parametrize(
    "error",
    [
        exceptions.TokenRetrievalError(provider="sso", error_msg="expired"),
        exceptions.NoAuthTokenError(),
        exceptions.LoginRefreshRequired(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_kind_of_session_that_ended_is_told_alike(error: Exception) -> None:
    findings, _, _ = checked({"sts.GetCallerIdentity": error})
    assert wrong(findings)[0].text == "The AWS session of this shell has expired."


def test_without_credentials_the_rest_is_one_line() -> None:
    findings, checks, session = checked({"sts.GetCallerIdentity": exceptions.NoCredentialsError()})
    assert [each.check for each in wrong(findings)] == ["Credentials", "Account"]
    assert (checks.account, session.calls) == (None, ["sts.GetCallerIdentity"])


def test_a_shell_without_a_region_asks_nothing() -> None:
    findings, _, session = checked(region="")
    assert [each.check for each in wrong(findings)] == ["Region", "Account"]
    assert session.calls == []


def test_a_region_that_botocore_does_not_know_may_be_new_or_misspelt() -> None:
    findings, _, _ = checked(region="mars-north-1")
    assert wrong(findings)[0].verdict is Verdict.CANNOT_TELL
    assert '"mars-north-1"' in wrong(findings)[0].text


def test_a_profile_that_does_not_exist_is_told() -> None:
    def open_account() -> Account:
        raise exceptions.ProfileNotFound(profile="prod")

    found = wrong(list(BeforeDeploy(DeployOptions(), open_account, SoundMachine()).findings()))
    assert "The config profile (prod) could not be found." in found[0].text
    assert found[0].verdict is Verdict.NOT_OK


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("CREATE_COMPLETE", "is deployed"),
        ("UPDATE_ROLLBACK_COMPLETE", "is deployed"),
        ("REVIEW_IN_PROGRESS", "does not exist yet"),
        ("ROLLBACK_COMPLETE", "the next deploy replaces it"),
    ],
)
def test_a_stack_that_a_deploy_can_change_is_ok(status: str, says: str) -> None:
    findings, _, _ = checked({"cloudformation.DescribeStacks": stack(status)})
    assert wrong(findings) == []
    assert says in next(each.text for each in findings if each.check == "Stack")


def test_a_running_stack_has_its_names_and_roles_itself() -> None:
    taken = {"SecretList": [{"Name": "Chatflow-dev/conversation-key"}]}
    full = {"SummaryMap": {"Roles": 1000, "RolesQuota": 1000}}
    deployed = stack("UPDATE_COMPLETE", protected=True)
    findings, _, _ = checked(
        {
            "cloudformation.DescribeStacks": deployed,
            "secretsmanager.ListSecrets": taken,
            "iam.GetAccountSummary": full,
        }
    )
    assert wrong(findings) == []


def test_a_new_account_gets_a_concurrency_that_fits() -> None:
    findings, checks, _ = checked({"lambda.GetAccountSettings": limits(10)})
    assert (wrong(findings), checks.concurrency) == ([], 4)
    assert "less than the default 50" in next(each.text for each in findings if each.check == "Concurrency")


def test_a_chosen_concurrency_is_not_checked_without_permission() -> None:
    findings, checks, _ = checked({"lambda.GetAccountSettings": refusal("AccessDeniedException")}, concurrency=4)
    assert [each.verdict for each in wrong(findings)] == [Verdict.CANNOT_TELL]
    assert checks.concurrency == 4


def test_a_bootstrap_with_another_qualifier_is_looked_up_under_it() -> None:
    asked: list[str] = []

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        asked.append(parameters["Name"])
        return {"Parameter": {"Value": "30"}}

    checked({"ssm.GetParameter": answer}, qualifier="ours12345")
    assert asked == ["/cdk-bootstrap/ours12345/version"]


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({}, None),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-central-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AMAZON_REGION": "us-east-2", "AWS_DEFAULT_REGION": "eu-west-1"}, "us-east-2"),
    ],
)
def test_the_region_that_is_checked_is_the_one_that_the_cdk_deploys_to(
    environment: dict[str, str], region: str | None
) -> None:
    assert region_of(environment) == region
