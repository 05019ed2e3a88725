"""Only functions that call a business's API are attached to the VPC, and only where one is configured."""

from __future__ import annotations

import pytest

from infrastructure.packaging.contents import ROOT
from tests.fakes.node_types import construct, constructs_with_need, with_need
from tests.infrastructure.conftest import Synth
from tests.infrastructure.template_checks import POLICY, Template, as_list, only, resources

SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
GROUPS = ["sg-0123456789abcdef0"]


@pytest.fixture(scope="module")
def in_vpc(synth: Synth) -> Template:
    """The stage `dev` with a VPC."""
    network = {
        "vpc_subnets": ",".join(SUBNETS),
        "vpc_security_groups": GROUPS[0],
        "private_hosts": "api.example.internal",
    }
    return synth(stage="dev", **network)


def test_only_functions_that_call_a_business_are_in_the_vpc(in_vpc: Template) -> None:
    functions = resources(in_vpc, "AWS::Lambda::Function")
    attached = {name: each["VpcConfig"] for name, each in functions.items() if "VpcConfig" in each}
    assert {name[: -len("Function12345678")] for name in attached} == {
        *constructs_with_need("business.secrets"),
        "TrialCalls",
    }
    assert [*attached.values()] == [{"SubnetIds": SUBNETS, "SecurityGroupIds": GROUPS}] * len(attached)


def test_a_trial_may_call_the_hosts_that_a_node_may_call(in_vpc: Template) -> None:
    variables = only(in_vpc, "AWS::Lambda::Function", "Trial")["Environment"]["Variables"]
    assert variables["CHATFLOW_PRIVATE_HOSTS"] == "api.example.internal"


@pytest.mark.parametrize(
    ("part", "function"),
    [
        *((construct(each), each.name.replace("_", "-")) for each in with_need("business.secrets")),
        ("TrialCalls", "trial"),
    ],
)
def test_lambda_may_attach_the_function_and_its_own_code_may_not(in_vpc: Template, part: str, function: str) -> None:
    (policy,) = (each for name, each in resources(in_vpc, POLICY).items() if part in name)
    interface_statements = [
        each
        for each in policy["PolicyDocument"]["Statement"]
        if "ec2:CreateNetworkInterface" in as_list(each["Action"])
    ]
    assert [each["Effect"] for each in interface_statements] == ["Allow", "Deny"]
    allowed, denied = (
        {each for each in as_list(one["Action"]) if each.startswith("ec2:")} for one in interface_statements
    )
    assert allowed == denied
    assert f"Chatflow-dev-{function}" in str(
        interface_statements[1]["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]
    )


def test_by_default_no_function_is_in_a_vpc(template: Template) -> None:
    assert not any("VpcConfig" in each for each in resources(template, "AWS::Lambda::Function").values())
    assert "ec2:" not in str(resources(template, POLICY))


# How docs/deploy.md names a service, by the prefix of its actions.
SERVICES = {"dynamodb": "DynamoDB", "s3": "S3", "secretsmanager": "Secrets Manager", "sqs": "SQS"}
# Lambda itself calls these: they need no route from the subnets.
NOT_FROM_THE_SUBNETS = {"ec2", "logs", "xray"}


def test_the_guide_names_each_function_in_the_vpc_and_what_it_calls(synth: Synth) -> None:
    network = {"vpc_subnets": SUBNETS[0], "vpc_security_groups": GROUPS[0]}
    everything = synth(stage="dev", malware_scanning="clamav", clamd="clamd.internal:3310", **network)
    rows = {}
    for properties in resources(everything, "AWS::Lambda::Function").values():
        if "VpcConfig" not in properties:
            continue
        (role,) = (each for each in resources(everything, "AWS::IAM::Role") if each in str(properties["Role"]))
        called = {
            str(action).partition(":")[0]
            for policy in resources(everything, POLICY).values()
            if role in str(policy["Roles"])
            for statement in policy["PolicyDocument"]["Statement"]
            for action in as_list(statement["Action"])
        }
        services = sorted(SERVICES[each] for each in called - NOT_FROM_THE_SUBNETS)
        rows[properties["FunctionName"].removeprefix("Chatflow-dev-")] = services
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    table = guide.partition("These functions join those subnets:")[2].partition("The stack creates no network")[0]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    assert {name.strip("`"): calls.rpartition(", and ")[0].split(", ") for name, _, calls in cells} == rows
