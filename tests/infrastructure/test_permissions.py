"""Who may do what is written down, and the page is what the template says."""

from __future__ import annotations

import copy
import difflib

import pytest

from infrastructure.packaging.contents import ROOT
from infrastructure.review.permissions import Unread, document, lines
from tests.infrastructure.reading import Spoil, Template, granted, only, resources

PAGE = ROOT / "docs" / "permissions.md"


def test_the_page_says_what_the_template_says(template: Template, keyed: Template) -> None:
    wanted, written = document(template, also=keyed).splitlines(), PAGE.read_text(encoding="utf-8").splitlines()
    changed = "\n".join(difflib.unified_diff(written, wanted, "docs/permissions.md", "the template", n=0, lineterm=""))
    assert not changed, f"\n{changed}\nIs each of these as narrow as it can be? Then run: make permissions"


def _trust_anybody(template: Template) -> None:
    role = only(template, "AWS::IAM::Role", "SchedulesRole")
    del role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]


def _open_a_bucket(template: Template) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"}
    only(template, "AWS::S3::BucketPolicy", "Media")["PolicyDocument"]["Statement"].append(statement)


def _use_a_managed_policy(template: Template) -> None:
    only(template, "AWS::IAM::Role", "WebhooksWebhook")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/Everything"]


def _let_another_service_call(template: Template) -> None:
    next(iter(resources(template, "AWS::Lambda::Permission").values()))["Principal"] = "s3.amazonaws.com"


def _open_a_route(template: Template) -> None:
    template["Resources"]["Another"] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "GET /all"}}


@pytest.mark.parametrize(
    "spoil",
    [
        granted(["s3:GetObject"], "<StorageMedia>/media/*", part="Conversation"),
        _trust_anybody,
        _open_a_bucket,
        _use_a_managed_policy,
        _let_another_service_call,
        _open_a_route,
    ],
)
def test_whatever_is_allowed_anew_is_seen(template: Template, spoil: Spoil) -> None:
    spoiled = copy.deepcopy(template)
    spoil(spoiled)
    assert set(lines(spoiled)) - set(lines(template))


def test_a_policy_on_a_resource_that_nobody_thought_of_is_not_passed_over(template: Template) -> None:
    spoiled = copy.deepcopy(template)
    spoiled["Resources"]["Another"] = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyDocument": {}}}
    with pytest.raises(Unread, match="Another"):
        lines(spoiled)
