"""The smoke check of a deployed stack: what works, and each fault that it must find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from chatflow_cli.doctor.alarms import alarm_findings
from chatflow_cli.doctor.finding import Finding, Verdict
from chatflow_cli.doctor.queues import queue_findings
from chatflow_cli.doctor.smoke_flow import SmokeFlow
from chatflow_cli.doctor.turn_machine import check_turn
from tests.fakes.aws_answers import account_with, refusal
from tests.fakes.healthy_account import (
    OUTPUTS,
    STACK,
    TOPIC,
    after_a_deploy,
    alarm,
    all_queues,
    queues,
    topic,
    trigger,
    turn,
)


def checked(answers: Mapping[str, Any] | None = None) -> list[Finding]:
    """The findings about a stack that works but for these answers."""
    account, _ = account_with({**after_a_deploy(), **(answers or {})})
    turn = check_turn(account, OUTPUTS["TurnMachine"], SmokeFlow("doctor-1"))
    return [turn, *queue_findings(account, OUTPUTS), *alarm_findings(account, STACK)]


def changed(name: str, **attributes: str) -> dict[str, Any]:
    """The queues, with these attributes of one; "" leaves one out."""
    found = all_queues()
    found[name] = {key: value for key, value in {**found[name], **attributes}.items() if value}
    return {"sqs.GetQueueAttributes": queues(found)}


def test_a_stack_that_works_is_ok() -> None:
    findings = checked()
    assert [each for each in findings if each.verdict is not Verdict.OK] == []
    assert [each.check for each in findings] == [
        *("Turn machine", "Events queue", "Events trigger", "Dead letters", "Alarms", "Alarm topic"),
    ]


@pytest.mark.parametrize(
    ("answers", "check", "words"),
    [
        ({"stepfunctions.StartSyncExecution": turn("FAILED")}, "Turn machine", "ended FAILED"),
        ({"stepfunctions.StartSyncExecution": turn("TIMED_OUT")}, "Turn machine", "ended TIMED_OUT"),
        ({"stepfunctions.StartSyncExecution": turn(status="waiting")}, "Turn machine", "ended as 'waiting'"),
        ({"stepfunctions.StartSyncExecution": turn(variables={})}, "Turn machine", "unexpected variables"),
        (changed("events.fifo", FifoQueue=""), "Events queue", "no FIFO queue"),
        (changed("events.fifo", RedrivePolicy=""), "Events queue", "do not go to the dead letters"),
        (changed("events.fifo", SqsManagedSseEnabled="false"), "Events queue", "not encrypted"),
        (changed("events.fifo", VisibilityTimeout="145"), "Events trigger", "would run twice"),
        ({"lambda.ListEventSourceMappings": {"EventSourceMappings": []}}, "Events trigger", "no trigger"),
        ({"lambda.ListEventSourceMappings": trigger("Disabled")}, "Events trigger", "is Disabled: no turn runs"),
        (changed("dead.fifo", ApproximateNumberOfMessages="3"), "Dead letters", "3 of events"),
        (changed("schedules", ApproximateNumberOfMessages="1"), "Dead letters", "1 of schedules"),
        ({"cloudwatch.DescribeAlarms": {"MetricAlarms": []}}, "Alarms", "has none"),
        ({"cloudwatch.DescribeAlarms": {"MetricAlarms": [alarm(state="ALARM")]}}, "Alarms", "Chatflow-dev-TurnsFail"),
        ({"sns.GetTopicAttributes": topic({"Statement": []})}, "Alarm topic", "lets no alarm publish"),
        ({"sns.GetTopicAttributes": topic(confirmed=0, pending=1)}, "Alarm topic", "not confirmed yet"),
        ({"sns.GetTopicAttributes": topic(confirmed=0)}, "Alarm topic", "does not exist"),
    ],
)
def test_each_fault_is_found_with_its_mend(answers: dict[str, Any], check: str, words: str) -> None:
    (found,) = (each for each in checked(answers) if each.verdict is not Verdict.OK)
    assert (found.check, found.verdict) == (check, Verdict.NOT_OK)
    assert words in found.text
    assert found.mend


@pytest.mark.parametrize(
    ("call", "check"),
    [
        ("stepfunctions.StartSyncExecution", "Turn machine"),
        ("lambda.ListEventSourceMappings", "Events trigger"),
        ("lambda.GetFunctionConfiguration", "Events trigger"),
        ("cloudwatch.DescribeAlarms", "Alarms"),
        ("sns.GetTopicAttributes", "Alarm topic"),
    ],
)
def test_what_may_not_be_read_cannot_be_told(call: str, check: str) -> None:
    (found,) = (each for each in checked({call: refusal("AccessDenied")}) if each.verdict is not Verdict.OK)
    assert (found.check, found.verdict) == (check, Verdict.CANNOT_TELL)
    assert "docs/deploy.md" in found.mend


def test_conditions_of_a_topic_that_are_not_known_cannot_be_told() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": TOPIC}
    policy = {"Statement": {**statement, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}}
    (found,) = (each for each in checked({"sns.GetTopicAttributes": topic(policy)}) if each.verdict is not Verdict.OK)
    assert found.verdict is Verdict.CANNOT_TELL


def test_alarms_of_a_stage_whose_name_begins_alike_are_not_of_this_stack() -> None:
    others = [alarm(), alarm("2-TurnsFail", "ALARM", topics=("arn:aws:sns:eu-west-1:1:other",))]
    findings = checked({"cloudwatch.DescribeAlarms": {"MetricAlarms": others}})
    assert [each for each in findings if each.verdict is not Verdict.OK] == []


def test_a_stack_whose_alarms_notify_nobody_is_told_so() -> None:
    findings = checked({"cloudwatch.DescribeAlarms": {"MetricAlarms": [alarm(topics=())]}})
    assert (findings[-1].verdict, "notify nobody" in findings[-1].text) == (Verdict.OK, True)
