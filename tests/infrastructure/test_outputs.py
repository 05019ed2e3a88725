"""What the stack tells, and what a person sees of it in the console."""

from __future__ import annotations

import json

import pytest

from infrastructure.node_types import node_types
from tests.infrastructure.reading import Check, Spoil, Template, only, plain, readable, resources, turns_red

ALARM = "AWS::CloudWatch::Alarm"
TOLD = """
ApiUrl AssetBucket AssetsTable BusinessSecretPrefix ChannelSecretWhatsapp ConversationFunction ConversationSecret
DashboardUrl DeliveriesTable EffectsTable EventsDeadLetters EventsQueue FlowsTable MediaBucket ScheduleDeadLetters
SessionsTable TurnMachine UploadsTable WebhookFunction WebhookUrl
"""


def everything_needed_is_told(template: Template) -> None:
    assert sorted(set(template["Outputs"]) - {"BootstrapVersion"}) == sorted(TOLD.split())
    assert plain(template["Outputs"]["ConversationSecret"]["Value"]) == "Chatflow-dev/conversation-key"
    assert plain(template["Outputs"]["WebhookUrl"]["Value"]).endswith("/webhooks/{channel}")


def every_function_that_fails_is_heard_of(template: Template) -> None:
    heard = {
        readable(alarm["Dimensions"][0]["Value"])
        for alarm in resources(template, ALARM).values()
        if (alarm.get("Namespace"), alarm.get("MetricName")) == ("AWS/Lambda", "Errors")
    }
    functions = {f"<{name[:-8]}>" for name in resources(template, "AWS::Lambda::Function")}
    assert functions - heard == {"<EmptyingEmptierFunction>"}  # CloudFormation itself tells of that one


def every_turn_that_fails_is_heard_of(template: Template) -> None:
    heard = {
        alarm["MetricName"]
        for alarm in resources(template, ALARM).values()
        if alarm.get("Namespace") == "AWS/States" and alarm["Threshold"] == 1
    }
    assert heard == {"ExecutionsFailed", "ExecutionsTimedOut"}


def webhooks_that_are_not_taken_are_heard_of(template: Template) -> None:
    heard = [each for each in resources(template, ALARM).values() if each.get("Namespace") == "AWS/ApiGateway"]
    assert [alarm["MetricName"] for alarm in heard] == ["5xx"]


def questions_are_saved(template: Template) -> None:
    saved = {each["Name"]: each for each in resources(template, "AWS::Logs::QueryDefinition").values()}
    assert "Chatflow-dev/One conversation" in saved
    asked = {readable(name) for name in saved["Chatflow-dev/One conversation"]["LogGroupNames"]}
    assert len(asked) >= len(node_types()) + 3


def the_dashboard_shows_every_alarm(template: Template) -> None:
    (shown,) = (
        widget
        for widget in json.loads(plain(only(template, "AWS::CloudWatch::Dashboard")["DashboardBody"]))["widgets"]
        if widget["type"] == "alarm"
    )
    assert len(shown["properties"]["alarms"]) == len(resources(template, ALARM))


def _forget(output: str) -> Spoil:
    def spoil(template: Template) -> None:
        del template["Outputs"][output]

    return spoil


def _drop(kind: str, part: str) -> Spoil:
    def spoil(template: Template) -> None:
        (name,) = (name for name in resources(template, kind) if part in name)
        del template["Resources"][name]

    return spoil


def _add_an_alarm(template: Template) -> None:
    template["Resources"]["Another"] = {"Type": ALARM, "Properties": {"Namespace": "AWS/States"}}


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        (everything_needed_is_told, _forget("MediaBucket")),
        (every_function_that_fails_is_heard_of, _drop(ALARM, "TextFails")),
        (every_turn_that_fails_is_heard_of, _drop(ALARM, "TurnsTimeOut")),
        (webhooks_that_are_not_taken_are_heard_of, _drop(ALARM, "WebhooksNotTaken")),
        (questions_are_saved, _drop("AWS::Logs::QueryDefinition", "OneConversation")),
        (the_dashboard_shows_every_alarm, _add_an_alarm),
    ],
)
def test_a_person_can_see_how_it_goes(template: Template, check: Check, spoil: Spoil) -> None:
    turns_red(check, template, spoil)
