"""What the stack tells, and what a person sees of it in the console."""

from __future__ import annotations

import json

import pytest

from infrastructure.conversation.node_types import node_types
from tests.infrastructure.reading import Check, Spoil, Template, only, plain, readable, resources, turns_red

ALARM = "AWS::CloudWatch::Alarm"
TOLD = """
ApiUrl AssetBucket AssetsTable AuditTable BusinessSecretPrefix ChannelSecretWhatsapp CommandLine ConversationFunction
ConversationSecret DashboardUrl DeliveriesTable EffectsTable EventsDeadLetters EventsQueue FlowsTable ManagementFunction
ManagementUrl MediaBucket Region ScheduleDeadLetters SessionsTable TurnMachine UploadsTable UserPoolClientId UserPoolId
WebhookFunction WebhookUrl
"""


def everything_needed_is_told(template: Template) -> None:
    assert sorted(set(template["Outputs"]) - {"BootstrapVersion"}) == sorted(TOLD.split())
    assert plain(template["Outputs"]["ConversationSecret"]["Value"]) == "Chatflow-dev/conversation-key"
    assert plain(template["Outputs"]["WebhookUrl"]["Value"]).endswith("/webhooks/{channel}")
    assert plain(template["Outputs"]["ManagementUrl"]["Value"]).endswith("/api/v1")
    assert plain(template["Outputs"]["CommandLine"]["Value"]).startswith("chatflow login <WebhooksApi")


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


def files_that_did_not_arrive_are_heard_of(template: Template) -> None:
    counted = resources(template, "AWS::Logs::MetricFilter")
    names = {
        (each["MetricNamespace"], each["MetricName"])
        for filter in counted.values()
        for each in filter["MetricTransformations"]
    }
    (alarm,) = (each for each in resources(template, ALARM).values() if each["MetricName"] == "FilesFailed")
    assert names == {(alarm["Namespace"], alarm["MetricName"])}
    logs = {readable(filter["LogGroupName"]) for filter in counted.values()}
    assert logs == {"<NodeTypesApiIntegrationLog>", "<NodeTypesMediaLog>"}


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
        (files_that_did_not_arrive_are_heard_of, _drop("AWS::Logs::MetricFilter", "Media")),
        (questions_are_saved, _drop("AWS::Logs::QueryDefinition", "OneConversation")),
        (the_dashboard_shows_every_alarm, _add_an_alarm),
    ],
)
def test_a_person_can_see_how_it_goes(template: Template, check: Check, spoil: Spoil) -> None:
    turns_red(check, template, spoil)


def test_the_dashboard_leads_to_the_rest_of_the_console(template: Template) -> None:
    board = json.loads(plain(only(template, "AWS::CloudWatch::Dashboard")["DashboardBody"]))
    (text,) = (widget["properties"]["markdown"] for widget in board["widgets"] if widget["type"] == "text")
    for place in ("/states/", "/sqs/", "/dynamodbv2/", "/cognito/", "/secretsmanager/", "logs-insights"):
        assert place in text


def test_nobody_is_told_unless_someone_is_named(template: Template, told: Template) -> None:
    assert not [each for each in template["Resources"].values() if each["Type"].startswith("AWS::SNS")]
    (topic,) = resources(told, "AWS::SNS::Topic")
    subscription = only(told, "AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")
    for alarm in resources(told, ALARM).values():
        assert alarm["AlarmActions"] == [{"Ref": topic}]
