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
from infrastructure.review.template import flags, readable
from tests.fakes.node_types import constructs_with_need
from tests.fakes.pigeon import copy_pigeon
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


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `cdk deploy` would deploy of a project with two more channels: one of them requests all that it can."""
    project = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "app.py", project)  # it looks for the project where it lies, as infrastructure does
    for name in ("infrastructure", "layers"):
        shutil.copytree(ROOT / name, project / name)
    for name in LINKED:
        (project / name).symlink_to(ROOT / name)
    channels = project / "layers" / "chatflow" / "python" / "chatflow" / "channels"
    copy_pigeon(channels, requests='"routes", "page"').rename(channels / "parrot")
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
    assert added.keys() == {ROUTES, "AWS::ApiGatewayV2::Integration", "AWS::Lambda::Permission"}
    assert _route_keys(deployed) - _route_keys(template) == REQUESTED


def test_its_public_routes_are_throttled_and_name_no_limit_that_outlives_them(deployed: Template) -> None:
    stage = only(deployed, STAGE)
    assert 0 < stage["DefaultRouteSettings"]["ThrottlingRateLimit"] <= 100
    assert not REQUESTED & stage["RouteSettings"].keys()


def _route_keys(template: Template) -> set[str]:
    return {route["RouteKey"] for route in resources(template, ROUTES).values()}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
