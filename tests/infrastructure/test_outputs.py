"""The outputs of the stack, and what operators see in the console."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chatflow.errors import Unreadable
from chatflow.tolerant_reader import read_object
from tests.fakes.node_types import MANIFESTS, construct
from tests.infrastructure.conftest import Synth
from tests.infrastructure.template_checks import (
    Check,
    Mutation,
    Template,
    assert_detects,
    only,
    plain,
    readable,
    resources,
)

ALARM = "AWS::CloudWatch::Alarm"
OUTPUTS = """
ApiUrl AssetBucket AssetsTable AuditTable BusinessSecretPrefix ChannelSecretWhatsapp CommandLine ConsoleClientId
ConsoleUrl ConversationFunction ConversationSecret DashboardUrl DeliveriesTable EffectsTable EventsDeadLetters
EventsQueue FlowsTable HostsTable ManagementFunction ManagementUrl MediaBucket RatesTable Region ScheduleDeadLetters
SessionsTable TurnMachine UploadsTable UserPoolClientId UserPoolId WebhookFunction WebhookUrl
"""


def every_output_is_there(template: Template) -> None:
    assert sorted(set(template["Outputs"]) - {"BootstrapVersion"}) == sorted(OUTPUTS.split())
    assert plain(template["Outputs"]["ConversationSecret"]["Value"]) == "Chatflow-dev/conversation-key"
    assert plain(template["Outputs"]["WebhookUrl"]["Value"]).endswith("/webhooks/{channel}")
    assert plain(template["Outputs"]["ManagementUrl"]["Value"]).endswith("/api/v1")
    assert plain(template["Outputs"]["CommandLine"]["Value"]).startswith("chatflow login <WebhooksApi")


def every_function_has_an_alarm_on_errors(template: Template) -> None:
    watched = {
        readable(alarm["Dimensions"][0]["Value"])
        for alarm in resources(template, ALARM).values()
        if (alarm.get("Namespace"), alarm.get("MetricName")) == ("AWS/Lambda", "Errors")
    }
    functions = {f"<{name[:-8]}>" for name in resources(template, "AWS::Lambda::Function")}
    # CloudFormation itself reports a failure of these.
    assert functions - watched == {"<EmptyingEmptierFunction>", "<ConsoleFilesUploaderFunction>"}


def failed_turns_have_alarms(template: Template) -> None:
    watched = {
        alarm["MetricName"]
        for alarm in resources(template, ALARM).values()
        if alarm.get("Namespace") == "AWS/States" and alarm["Threshold"] == 1
    }
    assert watched == {"ExecutionsFailed", "ExecutionsTimedOut"}


def failed_webhooks_have_an_alarm(template: Template) -> None:
    watched = [each for each in resources(template, ALARM).values() if each.get("Namespace") == "AWS/ApiGateway"]
    assert [alarm["MetricName"] for alarm in watched] == ["5xx"]


def failed_files_have_an_alarm(template: Template) -> None:
    assert _counted_in_logs(template, "FilesFailed") == {
        f"<{construct(each)}Log>" for each in MANIFESTS.values() if each.file_failures
    }


def owed_messages_have_alarms(template: Template) -> None:
    for metric in ("OwedSeconds", "MessagesGivenUp"):
        assert _counted_in_logs(template, metric) == {"<ConversationTurnsLog>"}


def _counted_in_logs(template: Template, metric: str) -> set[str]:
    """The logs whose lines are counted in this metric, which has an alarm."""
    filters = [
        (filter, each)
        for filter in resources(template, "AWS::Logs::MetricFilter").values()
        for each in filter["MetricTransformations"]
        if each["MetricName"] == metric
    ]
    watched = [each for each in resources(template, ALARM).values() if each.get("MetricName") == metric]
    assert len(watched) == 1
    assert {each["MetricNamespace"] for _filter, each in filters} == {watched[0]["Namespace"]}
    return {readable(filter["LogGroupName"]) for filter, _each in filters}


def refused_work_has_alarms(template: Template) -> None:
    """Age and depth of the queue of events, throttles of each function in a conversation's path, and of the API."""
    watched = {
        (alarm["MetricName"], readable(alarm["Dimensions"][0]["Value"]))
        for alarm in resources(template, ALARM).values()
        if "Dimensions" in alarm
    }
    serving = {
        name[:-8]
        for name in resources(template, "AWS::Lambda::Function")
        if name.startswith(("NodeTypes", "ConversationTurns", "WebhooksWebhook"))
    }
    assert len(serving) > 3
    assert {("Throttles", f"<{name}>") for name in serving} <= watched
    for metric in ("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"):
        assert (metric, "<QueuesEvents>") in watched
    assert _counted_in_logs(template, "RequestsThrottled") == {"<WebhooksAccessLog>"}


def unreadable_rows_have_an_alarm(template: Template) -> None:
    with pytest.raises(Unreadable) as raised:
        read_object("[]", "the stored session")
    pattern = only(template, "AWS::Logs::MetricFilter", "RowsUnreadable")["FilterPattern"]
    (words,) = re.findall(r'reason = "\*(.+?)\*"', pattern)
    assert words in str(raised.value)
    assert f'reason = "{type(raised.value).__name__}"' in pattern
    assert _counted_in_logs(template, "RowsUnreadable") == {"<ConversationTurnsLog>"}


def queries_are_saved(template: Template) -> None:
    from infrastructure.conversation.node_types import read_node_types

    saved = {each["Name"]: each for each in resources(template, "AWS::Logs::QueryDefinition").values()}
    assert "Chatflow-dev/One conversation" in saved
    log_groups = {readable(name) for name in saved["Chatflow-dev/One conversation"]["LogGroupNames"]}
    assert len(log_groups) >= len(read_node_types()) + 3


def the_dashboard_shows_every_alarm(template: Template) -> None:
    (shown,) = (
        widget
        for widget in json.loads(plain(only(template, "AWS::CloudWatch::Dashboard")["DashboardBody"]))["widgets"]
        if widget["type"] == "alarm"
    )
    assert len(shown["properties"]["alarms"]) == len(resources(template, ALARM))


def _remove_output(output: str) -> Mutation:
    def mutate(template: Template) -> None:
        del template["Outputs"][output]

    return mutate


def _drop(kind: str, part: str) -> Mutation:
    def mutate(template: Template) -> None:
        (name,) = (name for name in resources(template, kind) if part in name)
        del template["Resources"][name]

    return mutate


def _add_an_alarm(template: Template) -> None:
    template["Resources"]["Another"] = {"Type": ALARM, "Properties": {"Namespace": "AWS/States"}}


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (every_output_is_there, _remove_output("MediaBucket")),
        (every_function_has_an_alarm_on_errors, _drop(ALARM, "TextFails")),
        (failed_turns_have_alarms, _drop(ALARM, "TurnsTimeOut")),
        (failed_webhooks_have_an_alarm, _drop(ALARM, "WebhooksNotTaken")),
        (failed_files_have_an_alarm, _drop("AWS::Logs::MetricFilter", "InMedia")),
        (owed_messages_have_alarms, _drop("AWS::Logs::MetricFilter", "OwedSeconds")),
        (owed_messages_have_alarms, _drop(ALARM, "MessagesGivenUp")),
        (refused_work_has_alarms, _drop(ALARM, "EventsPileUp")),
        (refused_work_has_alarms, _drop(ALARM, "MediaThrottled")),
        (refused_work_has_alarms, _drop("AWS::Logs::MetricFilter", "RequestsThrottled")),
        (unreadable_rows_have_an_alarm, _drop(ALARM, "RowsUnreadable")),
        (queries_are_saved, _drop("AWS::Logs::QueryDefinition", "OneConversation")),
        (the_dashboard_shows_every_alarm, _add_an_alarm),
    ],
)
def test_operators_see_the_state_of_the_system(template: Template, check: Check, mutate: Mutation) -> None:
    assert_detects(check, template, mutate)


def _alarm_names(template: Template) -> set[str]:
    return {plain(alarm["AlarmName"]).rpartition("-")[2] for alarm in resources(template, ALARM).values()}


def _titles_of_the_runbook() -> list[str]:
    """The alarms that have an entry. `...Fails` stands for all whose names end so, but those with an entry."""
    page = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
    return [name for title in re.findall(r"^## (.+)$", page, re.MULTILINE) for name in title.split(", ")]


def test_every_alarm_has_an_entry_in_the_runbook_and_every_entry_an_alarm(template: Template, synth: Synth) -> None:
    alarms = _alarm_names(template) | _alarm_names(synth(stage="dev", malware_scanning="guardduty"))
    titles = _titles_of_the_runbook()
    assert len(titles) == len(set(titles))
    endings = tuple(title.removeprefix("...") for title in titles if title.startswith("..."))
    own = {title for title in titles if not title.startswith("...")}
    assert [name for name in alarms - own if not name.endswith(endings)] == []
    assert own - alarms == set()
    assert [ending for ending in endings if not any(name.endswith(ending) for name in alarms - own)] == []


def test_the_dashboard_links_to_the_rest_of_the_console(template: Template) -> None:
    board = json.loads(plain(only(template, "AWS::CloudWatch::Dashboard")["DashboardBody"]))
    (text,) = (widget["properties"]["markdown"] for widget in board["widgets"] if widget["type"] == "text")
    for place in ("/states/", "/sqs/", "/dynamodbv2/", "/cognito/", "/secretsmanager/", "logs-insights"):
        assert place in text


def test_alarms_are_mailed_only_to_a_configured_address(template: Template, configured: Template) -> None:
    assert not [each for each in template["Resources"].values() if each["Type"].startswith("AWS::SNS")]
    (topic,) = resources(configured, "AWS::SNS::Topic")
    subscription = only(configured, "AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")
    for alarm in resources(configured, ALARM).values():
        assert alarm["AlarmActions"] == [{"Ref": topic}]
