"""Who joins a network of one's own: only the functions that call a business's API, and only when it is said."""

from __future__ import annotations

import pytest

from tests.infrastructure.conftest import Synth
from tests.infrastructure.reading import POLICY, Template, listed, only, resources

SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
GROUPS = ["sg-0123456789abcdef0"]


@pytest.fixture(scope="module")
def inside(synth: Synth) -> Template:
    """The stack of the stage `dev`, in a network of one's own."""
    said = {"vpc_subnets": ",".join(SUBNETS), "vpc_security_groups": GROUPS[0], "private_hosts": "api.example.internal"}
    return synth(stage="dev", **said)


def test_only_what_calls_a_business_is_in_its_network(inside: Template) -> None:
    functions = resources(inside, "AWS::Lambda::Function")
    joined = {name: each["VpcConfig"] for name, each in functions.items() if "VpcConfig" in each}
    assert {name[: -len("Function12345678")] for name in joined} == {"NodeTypesApiIntegration", "TrialCalls"}
    assert [*joined.values()] == [{"SubnetIds": SUBNETS, "SecurityGroupIds": GROUPS}] * 2


def test_a_trial_reaches_what_a_node_reaches(inside: Template) -> None:
    variables = only(inside, "AWS::Lambda::Function", "Trial")["Environment"]["Variables"]
    assert variables["CHATFLOW_PRIVATE_HOSTS"] == "api.example.internal"


@pytest.mark.parametrize(
    ("part", "function"), [("NodeTypesApiIntegration", "api-integration"), ("TrialCalls", "trial")]
)
def test_lambda_may_plug_it_in_and_its_own_code_may_not(inside: Template, part: str, function: str) -> None:
    (policy,) = (each for name, each in resources(inside, POLICY).items() if part in name)
    found = [
        each for each in policy["PolicyDocument"]["Statement"] if "ec2:CreateNetworkInterface" in listed(each["Action"])
    ]
    assert [each["Effect"] for each in found] == ["Allow", "Deny"]
    allowed, denied = ({each for each in listed(one["Action"]) if each.startswith("ec2:")} for one in found)
    assert allowed == denied
    assert f"Chatflow-dev-{function}" in str(found[1]["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"])


def test_without_a_word_nothing_is_in_a_network(template: Template) -> None:
    assert not any("VpcConfig" in each for each in resources(template, "AWS::Lambda::Function").values())
    assert "ec2:" not in str(resources(template, POLICY))
