"""What `chatflow doctor` takes for granted is what the template says."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from chatflow_cli.doctor.after_deploy import OUTPUTS
from chatflow_cli.doctor.bootstrap import MIN_VERSION
from chatflow_cli.doctor.options import DeployOptions, read_options
from chatflow_cli.doctor.quotas import ROLES
from chatflow_cli.doctor.smoke_flow import SmokeFlow
from chatflow_cli.doctor.topic_policy import allows_alarm
from chatflow_cli.doctor.turn_machine import machine_input
from infrastructure.configuration import Configuration
from infrastructure.conversation.turn_definition import definition
from tests.infrastructure.conftest import Synth
from tests.infrastructure.template_checks import Template, only, resources

ROOT = Path(__file__).parents[2]
TOPIC = "arn:aws:sns:eu-west-1:123456789012:Chatflow-dev-alerts"
ALARM = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:Chatflow-dev-TurnsFail"


def test_every_output_that_it_reads_exists(template: Template) -> None:
    assert set(template["Outputs"]) >= OUTPUTS


def test_the_bootstrap_version_is_the_one_that_the_template_demands(template: Template) -> None:
    (assertion,) = template["Rules"]["CheckBootstrapVersion"]["Assertions"]
    refused = assertion["Assert"]["Fn::Not"][0]["Fn::Contains"][0]
    assert refused == [str(version) for version in range(1, MIN_VERSION)]


@pytest.mark.slow
def test_no_configuration_has_more_roles_than_it_asks_room_for(synth: Synth) -> None:
    largest = synth(malware_scanning="guardduty", kms="true")
    assert 0 < len(resources(largest, "AWS::IAM::Role")) <= ROLES


def test_names_of_alarms_contain_no_hyphen(configured: Template) -> None:
    """By it, alarms of Chatflow-dev-2 are told apart from those of Chatflow-dev."""
    names = [alarm["AlarmName"] for alarm in resources(configured, "AWS::CloudWatch::Alarm").values()]
    assert names
    assert [name for name in names if not re.fullmatch(r"Chatflow-dev-[A-Za-z]+", name)] == []


def test_the_policy_of_the_stacks_own_topic_is_found_to_allow_alarms(configured: Template) -> None:
    document = _filled(only(configured, "AWS::SNS::TopicPolicy")["PolicyDocument"])
    assert allows_alarm(document, TOPIC, ALARM, "123456789012") is True
    document["Statement"] = [each for each in document["Statement"] if each["Effect"] == "Deny"]
    assert allows_alarm(document, TOPIC, ALARM, "123456789012") is False


def test_its_turn_gives_the_machine_everything_that_it_reads() -> None:
    machine = json.dumps(definition({}))
    read = set(re.findall(r"\$states\.input\.(\w+)", machine))
    optional = set(re.findall(r"\$exists\(\$states\.input\.(\w+)\)", machine))
    assert {"nodes", "at", "conversation"} <= read - optional
    assert read - optional <= machine_input(SmokeFlow("doctor-1"), time.time()).keys()


def test_its_defaults_are_those_of_the_deploy() -> None:
    configured, checked = Configuration(), DeployOptions()
    for key in ("stage", "requests_per_second", "reserved_concurrency", "stack_name"):
        assert getattr(checked, key) == getattr(configured, key)
    assert read_options(["stage=prod", "requests_per_second=7"], ROOT).requests_per_second == 7


def _filled(value: Any) -> Any:
    """The value with the references of the template replaced by those of one account."""
    if isinstance(value, dict) and set(value) == {"Ref"}:
        names = {"AWS::AccountId": "123456789012", "AWS::Region": "eu-west-1", "AWS::Partition": "aws"}
        return names.get(value["Ref"], TOPIC)
    if isinstance(value, dict) and set(value) == {"Fn::Join"}:
        separator, parts = value["Fn::Join"]
        return separator.join(_filled(parts))
    if isinstance(value, dict):
        return {key: _filled(each) for key, each in value.items()}
    return [_filled(each) for each in value] if isinstance(value, list) else value
