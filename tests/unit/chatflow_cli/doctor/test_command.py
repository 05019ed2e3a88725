"""`chatflow doctor` as a person and a script see it: lines, exit codes, JSON, and nothing left behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chatflow_cli import uploads
from chatflow_cli.auth.profiles import Profile
from chatflow_cli.channels.account_secrets import ConnectedAccount
from chatflow_cli.channels.checking import Checked
from chatflow_cli.channels.deployment import Deployment as ChannelDeployment
from chatflow_cli.channels.deployment import aws_errors
from chatflow_cli.doctor.api_trial import is_same_deployment
from chatflow_cli.doctor.options import CHECKOUT
from tests.fakes.aws_answers import AnsweringSession, account_with, refusal
from tests.fakes.healthy_account import OUTPUTS, SoundMachine, after_a_deploy, before_a_deploy, limits, stack
from tests.fakes.management.contents import Contents
from tests.fakes.management.deployment import Deployment, ProblemResponse

Reached = Callable[[Mapping[str, Any]], AnsweringSession]


def refused(status: int, slug: str) -> Any:
    """An operation of the API that refuses every request."""

    def operation(*_: Any, **__: Any) -> Any:
        raise ProblemResponse(status, slug, "It is refused")

    return operation


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Reached:
    """Lets the shell reach an account with these answers."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr("chatflow_cli.doctor.machine.Machine", SoundMachine)

    def reach(answers: Mapping[str, Any]) -> AnsweringSession:
        reached, session = account_with(answers)
        monkeypatch.setattr("chatflow_cli.doctor.account.Account.of_shell", lambda: reached)
        return session

    return reach


def sound(deployment: ChannelDeployment, account: ConnectedAccount) -> Checked:
    """An account whose channel and webhook answer, which no test of the command can reach."""
    with aws_errors("secretsmanager:GetSecretValue"):
        deployment.secrets.read(account)
    return Checked(account, "Chatflow Demo", "", "")


@pytest.fixture
def deployed(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A stack that works, whose API is the fake deployment, and to which an account of a channel is connected."""
    monkeypatch.setattr("chatflow_cli.channels.checking.check", sound)
    outputs = {**OUTPUTS, "ManagementUrl": deployment.api_url}
    return {**after_a_deploy(), "cloudformation.DescribeStacks": stack("UPDATE_COMPLETE", outputs=outputs)}


def test_an_account_without_a_stack_is_ok_and_nothing_is_tried(chatflow: Any, account: Reached) -> None:
    account(before_a_deploy())
    shown = chatflow("doctor")
    assert shown.code == 0
    assert "What a deploy of Chatflow-dev needs" in shown.out
    assert "Everything is ok." in shown.out
    assert "not deployed yet" in shown.err
    assert "works" not in shown.out


def test_a_finding_that_is_not_ok_ends_with_1_and_shows_its_mend_in_one_line(chatflow: Any, account: Reached) -> None:
    account({**before_a_deploy(), "ssm.GetParameter": refusal("ParameterNotFound")})
    shown = chatflow("doctor")
    assert shown.code == 1
    assert "→ Bootstrap it, once: node_modules/.bin/cdk bootstrap aws://123456789012/eu-west-1\n" in shown.out
    assert "1 check not ok." in shown.out


def test_what_cannot_be_told_is_no_failure(chatflow: Any, account: Reached) -> None:
    account({**before_a_deploy(), "iam.GetAccountSummary": refusal("AccessDenied")})
    shown = chatflow("doctor")
    assert (shown.code, "1 check that cannot tell." in shown.out) == (0, True)


def test_a_value_that_is_none_ends_with_2(chatflow: Any) -> None:
    shown = chatflow("doctor", "-c", "concurrency=many")
    assert (shown.code, 'not "many"' in shown.err) == (2, True)


def test_context_and_stage_are_those_of_the_deploy(chatflow: Any, account: Reached) -> None:
    account({**before_a_deploy(), "lambda.GetAccountSettings": limits(10)})
    shown = chatflow("doctor", "--stage", "prod", "-c", "concurrency=5")
    assert (shown.code, "Chatflow-prod" in shown.out, "-c concurrency=4 or less" in shown.out) == (1, True, True)


def test_the_stage_may_stand_in_the_context(chatflow: Any, account: Reached) -> None:
    account(before_a_deploy())
    assert chatflow("doctor", "-c", "stage=prod", "--json").json["stack"] == "Chatflow-prod"


def test_json_is_one_document_with_every_line(chatflow: Any, account: Reached) -> None:
    account({**before_a_deploy(), "ssm.GetParameter": refusal("ParameterNotFound")})
    shown = chatflow("doctor", "--json")
    assert (shown.code, shown.json["stack"], shown.json["after"]) == (1, "Chatflow-dev", [])
    (wrong,) = (line for line in shown.json["before"] if line["verdict"] != "ok")
    assert (wrong["check"], wrong["verdict"], "cdk bootstrap" in wrong["mend"]) == ("Bootstrap", "not ok", True)


def test_a_deployed_stack_is_used_by_its_own_api_and_left_as_it_was(
    chatflow: Any,
    account: Reached,
    deployed: dict[str, Any],
    logged_in: Profile,
    both: tuple[Deployment, Contents],
) -> None:
    account(deployed)
    deployment, contents = both
    shown = chatflow("doctor", "--json")
    after = {line["check"]: line for line in shown.json["after"]}
    assert (shown.code, {line["verdict"] for line in after.values()}) == (0, {"ok"}), shown.out
    assert list(after)[:4] == ["Sign in", "Asset", "Flow", "Turn machine"]
    assert "InitiateAuth" in deployment.pool.operations
    published = [call.path for call in deployment.calls if call.path.endswith("/publish")]
    assert (len(published), contents.sources, contents.assets) == (1, {}, {})


def test_without_a_login_the_rest_is_checked(chatflow: Any, account: Reached, deployed: dict[str, Any]) -> None:
    account(deployed)
    shown = chatflow("doctor", "--profile", "prod")
    assert shown.code == 0
    assert f"→ Log in: {OUTPUTS['CommandLine']} --profile prod" in shown.out
    assert "a turn ran" in shown.out


def test_a_login_to_another_deployment_is_not_used(
    chatflow: Any, account: Reached, logged_in: Profile, deployment: Deployment
) -> None:
    account(after_a_deploy())
    shown = chatflow("doctor")
    assert "not to this stack" in shown.out
    assert deployment.calls == []


def test_a_role_that_may_not_upload_cannot_tell(
    chatflow: Any, account: Reached, deployed: dict[str, Any], logged_in: Profile, deployment: Deployment
) -> None:
    account(deployed)
    deployment.operations["POST", "/assets"] = refused(403, "forbidden")
    shown = chatflow("doctor", "--json")
    asset = next(line for line in shown.json["after"] if line["check"] == "Asset")
    assert (shown.code, asset["verdict"], "role" in asset["mend"]) == (0, "cannot tell", True)


def test_what_cannot_be_removed_is_named_with_the_command_that_removes_it(
    chatflow: Any, account: Reached, deployed: dict[str, Any], logged_in: Profile, deployment: Deployment
) -> None:
    account(deployed)
    deployment.operations["DELETE", "/flows/{flow}"] = refused(500, "internal")
    shown = chatflow("doctor")
    assert shown.code == 1
    assert "is still there: doctor-" in shown.out
    assert "→ Remove it: chatflow flows delete doctor-" in shown.out


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize("slug", ["unauthorized", "forbidden"])
def test_what_one_may_no_longer_remove_is_named(
    chatflow: Any, account: Reached, deployed: dict[str, Any], deployment: Deployment, slug: str
) -> None:
    account(deployed)
    deployment.operations["DELETE", "/assets/{name}"] = refused(403, slug)
    shown = chatflow("doctor")
    assert (shown.code, "→ Remove it: chatflow assets rm doctor-" in shown.out) == (1, True)


def test_a_user_without_any_role_is_told_of_nothing_left(
    chatflow: Any, account: Reached, deployed: dict[str, Any], logged_in: Profile, deployment: Deployment
) -> None:
    account(deployed)
    for operation in [("POST", "/assets"), ("GET", "/assets/{name}"), ("PUT", "/flows/{flow}/draft")]:
        deployment.operations[operation] = refused(403, "forbidden")
    deployment.operations["GET", "/flows/{flow}"] = refused(403, "forbidden")
    shown = chatflow("doctor")
    assert (shown.code, "still there" in shown.out, "2 checks that cannot tell" in shown.out) == (0, False, True)


@pytest.mark.usefixtures("logged_in")
def test_ctrl_c_removes_what_was_made(
    chatflow: Any, account: Reached, deployed: dict[str, Any], contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(deployed)
    made = []

    def upload_then_interrupt(*given: Any) -> None:
        made.append(uploads.upload_asset(*given)["name"])
        raise KeyboardInterrupt

    monkeypatch.setattr("chatflow_cli.doctor.api_trial.upload_asset", upload_then_interrupt)
    shown = chatflow("doctor")
    assert (shown.code, len(made), contents.assets) == (130, 1, {})


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_FAILED"])
def test_a_stack_that_is_being_changed_is_not_used(chatflow: Any, account: Reached, status: str) -> None:
    session = account({**before_a_deploy(), "cloudformation.DescribeStacks": stack(status)})
    shown = chatflow("doctor", "--json")
    assert (shown.code, shown.json["after"]) == (1, [])
    assert "stepfunctions.StartSyncExecution" not in session.calls


def test_a_stack_without_its_outputs_is_deployed_again(chatflow: Any, account: Reached) -> None:
    account({**after_a_deploy(), "cloudformation.DescribeStacks": stack("CREATE_COMPLETE", outputs={})})
    shown = chatflow("doctor")
    assert (shown.code, "It has no output CommandLine, " in shown.out) == (1, True)


@pytest.mark.parametrize(
    ("url", "is_same"),
    [
        ("https://abc123.execute-api.eu-west-1.amazonaws.com/api/v1", True),
        ("http://127.0.0.1:4566/_aws/execute-api/abc123/$default/api/v1", True),
        ("https://xyz.execute-api.eu-west-1.amazonaws.com/api/v1", False),
        ("https://abc1234.execute-api.eu-west-1.amazonaws.com/api/v1", False),
        ("https://abc123.execute-api.eu-west-1.amazonaws.com/other", False),
    ],
)
def test_a_deployment_is_known_by_the_id_of_its_api(url: str, is_same: bool) -> None:
    assert is_same_deployment(url, OUTPUTS["ManagementUrl"]) is is_same


def test_every_permission_that_it_needs_is_documented(
    chatflow: Any, account: Reached, deployed: dict[str, Any], logged_in: Profile
) -> None:
    page = (CHECKOUT / "docs" / "deploy.md").read_text(encoding="utf-8")
    table = set(re.findall(r"`([a-z]+:[A-Za-z]+)`", page.partition("| permission | for |")[2].partition("\n\n")[0]))
    called = []
    for answers in (before_a_deploy(), deployed):
        session = account(answers)
        chatflow("doctor")
        called += session.calls
    assert {_action(call) for call in called} == table


def _action(call: str) -> str:
    """The IAM action of an operation: "stepfunctions.StartSyncExecution" is states:StartSyncExecution."""
    service, _, operation = call.partition(".")
    if service == "apigateway":
        return "apigateway:GET"
    return f"{ {'stepfunctions': 'states', 'service-quotas': 'servicequotas'}.get(service, service) }:{operation}"
