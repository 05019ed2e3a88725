"""A channel is one folder: added to a copy of the project, with nothing else edited, it is deployed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from infrastructure.packaging.contents import ROOT
from infrastructure.review.life_cycle import creation_problems, update_problems
from infrastructure.review.rules import violations
from infrastructure.review.service_arrows import gaps
from infrastructure.review.template import flags, readable
from tests.fakes.node_types import constructs_with_need
from tests.fakes.pigeon import copy_pigeon, installed_pigeon
from tests.infrastructure.template_checks import Template, only, resources, statements

pytestmark = pytest.mark.slow

LINKED = ("build", "cdk.json", "chatflow_cli", "docs", "flows", "functions", "node_modules")
ROUTES = "AWS::ApiGatewayV2::Route"
STAGE = "AWS::ApiGatewayV2::Stage"
REQUESTED = {
    "GET /channels/{channel}/page/{file}",
    "GET /channels/{channel}/{account}/{path+}",
    "POST /channels/{channel}/{account}/{path+}",
}
CONNECTIONS = {"$connect", "$disconnect", "$default"}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `cdk deploy` would deploy of a project with two more channels: one of them requests all that it can."""
    project = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "app.py", project)  # it looks for the project where it lies, as infrastructure does
    for name in ("infrastructure", "layers"):
        shutil.copytree(ROOT / name, project / name)
    (ROOT / "build").mkdir(exist_ok=True)  # nothing was built yet in a new checkout
    for name in LINKED:
        (project / name).symlink_to(ROOT / name)
    channels = project / "layers" / "chatflow" / "python" / "chatflow" / "channels"
    copy_pigeon(channels, requests='"routes", "page", "push"').rename(channels / "parrot")
    copy_pigeon(channels)
    subprocess.run(
        [sys.executable, "app.py"],  # it ends with an error for any finding of cdk-nag
        cwd=project,
        env={
            **os.environ,
            "CDK_OUTDIR": str(project / "cdk.out"),
            "CDK_CONTEXT_JSON": json.dumps({**flags(), "stage": "dev"}),
        },
        check=True,
        timeout=300,
    )
    return project / "cdk.out"


@pytest.fixture(scope="module")
def deployed(output: Path) -> Template:
    [path] = output.glob("*.template.json")
    template: Template = json.loads(path.read_text(encoding="utf-8"))
    return template


def test_its_code_and_its_page_are_in_the_layer(output: Path) -> None:
    [channels] = output.glob("asset.*/python/chatflow/channels")
    for name in ("pigeon", "parrot"):
        assert {each.name.partition(".")[0] for each in (channels / name).iterdir()} >= {
            "manifest",
            "webhook",
            "client",
        }
    assert (channels / "parrot" / "page" / "index.html").is_file()


def test_its_webhook_and_the_nodes_may_read_the_secrets_of_its_accounts(deployed: Template) -> None:
    channels = [
        policy
        for policy, statement in statements(deployed)
        if "secretsmanager:GetSecretValue" in statement["Action"]
        and any(":secret:Chatflow-dev/channels/*" in readable(arn) for arn in _listed(statement["Resource"]))
    ]
    assert any(policy.startswith("WebhooksWebhook") for policy in channels)
    assert all(any(policy.startswith(each) for policy in channels) for each in constructs_with_need("channel"))


def test_what_a_channel_requests_is_all_that_changes(deployed: Template, template: Template) -> None:
    def kinds(each: Template) -> Counter[str]:
        return Counter(resource["Type"] for resource in each["Resources"].values())

    added = kinds(deployed) - kinds(template)
    assert kinds(template) - kinds(deployed) == Counter()
    assert added.keys() == {
        *(ROUTES, "AWS::ApiGatewayV2::Integration", "AWS::Lambda::Permission"),
        *("AWS::ApiGatewayV2::Api", STAGE, "AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::CloudWatch::Alarm"),
        *("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::Logs::LogGroup"),
    }
    assert (added["AWS::Lambda::Function"], added["AWS::DynamoDB::Table"]) == (1, 1)
    assert _route_keys(deployed) - _route_keys(template) == REQUESTED | CONNECTIONS
    assert deployed["Outputs"].keys() - template["Outputs"].keys() == {"PushUrl"}
    assert update_problems(template, deployed) == []


def test_a_deployment_without_push_has_nothing_of_it(template: Template) -> None:
    written = json.dumps(template)
    assert not any(word in written for word in ("WEBSOCKET", "ManageConnections", "CONNECTIONS_TABLE", "PUSH_ENDPOINT"))


def test_connections_are_throttled_and_no_log_of_theirs_holds_a_token(deployed: Template) -> None:
    """API Gateway's logs would have the query, or need a setting of the account."""
    [stage] = [each for name, each in resources(deployed, STAGE).items() if name.startswith("Push")]
    settings = stage["DefaultRouteSettings"]
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"]
    assert not {"LoggingLevel", "DataTraceEnabled"} & settings.keys()
    assert "AccessLogSettings" not in stage


def test_functions_that_send_push_and_nobody_else(deployed: Template) -> None:
    allowed = {
        policy[:-8].removesuffix("RoleDefaultPolicy"): [readable(each) for each in _listed(statement["Resource"])]
        for policy, statement in statements(deployed)
        if "execute-api:ManageConnections" in _listed(statement["Action"])
    }
    assert allowed.keys() == {*constructs_with_need("channel")}
    for [arn] in allowed.values():
        assert arn.endswith("/live/POST/@connections/*")
        assert "PushApi" in arn


def test_connections_are_known_to_those_who_open_push_to_and_erase_them(deployed: Template) -> None:
    [table] = [name for name in resources(deployed, "AWS::DynamoDB::Table") if name.startswith("PushConnections")]
    actions: dict[str, set[str]] = {}
    for policy, statement in statements(deployed):
        if any(table in json.dumps(each) for each in _listed(statement["Resource"])):
            name = policy[:-8].removesuffix("RoleDefaultPolicy")
            actions[name] = actions.get(name, set()) | {str(each) for each in _listed(statement["Action"])}
    pushes = {each: {"dynamodb:Query", "dynamodb:DeleteItem"} for each in constructs_with_need("channel")}
    assert actions == {
        **pushes,
        "PushPushConnections": {"dynamodb:PutItem", "dynamodb:Query", "dynamodb:GetItem", "dynamodb:DeleteItem"},
        "ErasureForgetting": {"dynamodb:Query", "dynamodb:BatchWriteItem"},
    }


def test_it_keeps_the_rules_of_every_template(deployed: Template, tmp_path: Path) -> None:
    assert gaps(deployed) == []
    assert creation_problems(deployed) == []
    assert "only webhooks and what channels request are public" in " ".join(violations(deployed))
    with installed_pigeon(tmp_path, requests='"routes", "page", "push"'):
        assert violations(deployed) == []


def test_its_public_routes_are_throttled_and_name_no_limit_that_outlives_them(deployed: Template) -> None:
    stage = only(deployed, STAGE, "Webhooks")
    assert 0 < stage["DefaultRouteSettings"]["ThrottlingRateLimit"] <= 100
    assert not REQUESTED & stage["RouteSettings"].keys()


def _route_keys(template: Template) -> set[str]:
    return {route["RouteKey"] for route in resources(template, ROUTES).values()}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
