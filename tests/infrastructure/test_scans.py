"""Malware scanning in the template: who may say that a file is clean, who may read what, and who scans."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infrastructure.conftest import Synth
from tests.infrastructure.reading import Template

STATE = "s3:RequestObjectTag/state"


@pytest.fixture(scope="module")
def clamav(synth: Synth) -> Template:
    return synth(malware_scanning="clamav", clamd="clamd.internal:3310")


@pytest.fixture(scope="module")
def guardduty(synth: Synth) -> Template:
    return synth(malware_scanning="guardduty", kms="true")


@pytest.fixture(params=["clamav", "guardduty"])
def scanned(request: pytest.FixtureRequest) -> Template:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def _all(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}


def _statements(template: Template, action: str) -> list[tuple[str, dict[str, Any]]]:
    """Every statement of a role that allows an action, with the logical id of its policy."""
    return [
        (name, statement)
        for name, policy in _all(template, "AWS::IAM::Policy").items()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if action in _listed(statement["Action"]) and statement["Effect"] == "Allow"
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _of_customers(statement: dict[str, Any]) -> bool:
    return any("/media/*" in str(each) for each in _listed(statement["Resource"]))


def _who_may_say(template: Template, state: str) -> set[str]:
    return {
        name
        for name, statement in _statements(template, "s3:PutObjectTagging")
        if _of_customers(statement) and state in _listed(statement["Condition"]["StringEquals"][STATE])
    }


def _room(names: set[str]) -> set[str]:
    return {
        next((room for room in ("ScansLooking", "NodeTypesMedia") if name.startswith(room)), name) for name in names
    }


def test_where_files_are_scanned_only_the_scans_may_say_that_a_customer_s_file_is_clean(scanned: Template) -> None:
    assert _room(_who_may_say(scanned, "clean")) == {"ScansLooking"}
    assert _room(_who_may_say(scanned, "unsafe")) == {"ScansLooking"}
    assert _room(_who_may_say(scanned, "new")) == {"NodeTypesMedia"}


def test_where_they_are_not_the_node_that_identified_a_file_says_so(template: Template) -> None:
    assert _room(_who_may_say(template, "clean")) == {"NodeTypesMedia"}
    assert _who_may_say(template, "unsafe") == set()
    assert not _all(template, "AWS::GuardDuty::MalwareProtectionPlan")


def test_nobody_makes_an_unsafe_file_anything_else(scanned: Template) -> None:
    for _, statement in _statements(scanned, "s3:PutObjectTagging"):
        if _listed(statement["Condition"]["StringEquals"][STATE]) != ["unsafe"] and _of_customers(statement):
            assert statement["Condition"]["StringNotEquals"] == {"s3:ExistingObjectTag/state": "unsafe"}


def test_who_sends_files_reads_only_what_is_clean_whether_files_are_scanned_or_not(
    template: Template, clamav: Template, guardduty: Template
) -> None:
    for each in (template, clamav, guardduty):
        reading = [
            (name, statement)
            for name, statement in _statements(each, "s3:GetObject")
            if _of_customers(statement) and not name.startswith(("ScansLooking", "ScansGuardDuty"))
        ]
        # The node that keeps files looks at what it has just stored, and hands it to nobody.
        states = {(name.startswith("NodeTypesMedia"), str(_state(statement))) for name, statement in reading}
        assert states == {(False, "clean"), (True, "clean"), (True, "['new', 'clean']")}


def _state(statement: dict[str, Any]) -> Any:
    return statement["Condition"]["StringEquals"]["s3:ExistingObjectTag/state"]


def test_the_media_bucket_hides_unsafe_objects_from_everybody(scanned: Template) -> None:
    policies = _all(scanned, "AWS::S3::BucketPolicy").values()
    denied = [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement.get("Sid") == "UnsafeObjectsAreNotRead"
    ]
    assert len(denied) == 2
    assert all(each["Effect"] == "Deny" for each in denied)


def test_a_node_knows_how_long_a_file_may_wait_only_where_files_are_scanned(
    template: Template, clamav: Template
) -> None:
    def told(of: Template) -> set[str | None]:
        variables = [
            each["Properties"].get("Environment", {}).get("Variables", {})
            for each in _all(of, "AWS::Lambda::Function").values()
        ]
        return {each.get("CHATFLOW_SCAN_SECONDS") for each in variables if "CHATFLOW_EFFECTS_TABLE" in each} - {None}

    assert told(clamav) == {"120"}
    assert told(template) == set()


def test_the_scanner_is_woken_by_the_files_of_customers_alone(clamav: Template, guardduty: Template) -> None:
    [rule] = [each for name, each in _all(clamav, "AWS::Events::Rule").items() if name.startswith("Scans")]
    pattern = rule["Properties"]["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
    assert pattern["detail"]["object"]["key"] == [{"prefix": "media/"}]

    [rule] = [each for name, each in _all(guardduty, "AWS::Events::Rule").items() if name.startswith("Scans")]
    pattern = rule["Properties"]["EventPattern"]
    assert pattern["detail-type"] == ["GuardDuty Malware Protection Object Scan Result"]
    assert pattern["detail"]["s3ObjectDetails"]["objectKey"] == [{"prefix": "media/"}]


def test_guardduty_scans_what_customers_send_and_sets_no_tag_of_its_own(guardduty: Template) -> None:
    [plan] = _all(guardduty, "AWS::GuardDuty::MalwareProtectionPlan").values()
    assert plan["Properties"]["ProtectedResource"]["S3Bucket"]["ObjectPrefixes"] == ["media/"]
    assert plan["Properties"]["Actions"] == {"Tagging": {"Status": "DISABLED"}}
    assert not [name for name, _ in _statements(guardduty, "s3:PutObjectTagging") if name.startswith("ScansGuardDuty")]


def test_guardduty_and_not_our_function_reads_what_it_scans(clamav: Template, guardduty: Template) -> None:
    assert [name for name, _ in _statements(clamav, "s3:GetObject") if name.startswith("ScansLooking")]
    assert not [name for name, _ in _statements(guardduty, "s3:GetObject") if name.startswith("ScansLooking")]
