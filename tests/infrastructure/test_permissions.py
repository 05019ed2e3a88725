"""docs/permissions.md is up to date with the template, and shows every new permission."""

from __future__ import annotations

import copy
import difflib

import pytest

from infrastructure.packaging.contents import ROOT
from infrastructure.review.permissions import UnknownPolicy, document, permissions
from tests.infrastructure.conftest import Synth
from tests.infrastructure.template_checks import Mutation, Template, granted, only, resources

PAGE = ROOT / "docs" / "permissions.md"


def test_the_page_is_up_to_date_with_the_template(synth: Synth) -> None:
    generated, reviewed = document(synth).splitlines(), PAGE.read_text(encoding="utf-8").splitlines()
    changed = "\n".join(
        difflib.unified_diff(reviewed, generated, "docs/permissions.md", "the template", n=0, lineterm="")
    )
    assert not changed, f"\n{changed}\nIs each of these as narrow as it can be? Then run: make permissions"


def _remove_the_condition_of_trust(template: Template) -> None:
    role = only(template, "AWS::IAM::Role", "SchedulesRole")
    del role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]


def _open_a_bucket(template: Template) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"}
    only(template, "AWS::S3::BucketPolicy", "Media")["PolicyDocument"]["Statement"].append(statement)


def _use_a_managed_policy(template: Template) -> None:
    only(template, "AWS::IAM::Role", "WebhooksWebhook")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/Everything"]


def _let_another_service_invoke(template: Template) -> None:
    next(iter(resources(template, "AWS::Lambda::Permission").values()))["Principal"] = "s3.amazonaws.com"


def _open_a_route(template: Template) -> None:
    template["Resources"]["Another"] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "GET /all"}}


@pytest.mark.parametrize(
    "mutate",
    [
        granted(["s3:GetObject"], "<StorageMedia>/media/*", part="Conversation"),
        _remove_the_condition_of_trust,
        _open_a_bucket,
        _use_a_managed_policy,
        _let_another_service_invoke,
        _open_a_route,
    ],
)
def test_every_new_permission_is_detected(template: Template, mutate: Mutation) -> None:
    mutated = copy.deepcopy(template)
    mutate(mutated)
    assert set(permissions(mutated)) - set(permissions(template))


def test_a_policy_on_an_unexpected_type_of_resource_is_reported(template: Template) -> None:
    mutated = copy.deepcopy(template)
    mutated["Resources"]["Another"] = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyDocument": {}}}
    with pytest.raises(UnknownPolicy, match="Another"):
        permissions(mutated)
