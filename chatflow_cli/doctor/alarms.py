"""Whether alarms are silent, and whether they can reach a person."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import attempt
from chatflow_cli.doctor.finding import Finding, cannot_tell, not_ok, ok
from chatflow_cli.doctor.topic_policy import allows_alarm

ALARMS_ACTION: Final = "cloudwatch:DescribeAlarms"
TOPIC_ACTION: Final = "sns:GetTopicAttributes"
_MOST_NAMES: Final = 5


def alarm_findings(account: Account, stack_name: str) -> list[Finding]:
    """One finding for the alarms, and one for each topic that they notify."""
    alarms: list[dict[str, Any]] = []

    def read() -> Finding:
        pages = (
            account.client("cloudwatch")
            .get_paginator("describe_alarms")
            .paginate(AlarmNamePrefix=f"{stack_name}-", AlarmTypes=["MetricAlarm"])
        )
        found = [alarm for page in pages for alarm in page.get("MetricAlarms", [])]
        # Names of alarms contain no "-": those of Chatflow-dev-2 begin like those of Chatflow-dev.
        alarms.extend(alarm for alarm in found if "-" not in alarm["AlarmName"].removeprefix(f"{stack_name}-"))
        return _states(alarms)

    findings = [attempt("Alarms", ALARMS_ACTION, read)]
    topics = {topic: alarm["AlarmArn"] for alarm in alarms for topic in alarm.get("AlarmActions", [])}
    if alarms and not topics:
        findings.append(ok("Alarm topic", "alarms notify nobody: no alert_email and no alarm_topic_arn is configured"))
    for topic, alarm in topics.items():
        findings.append(attempt("Alarm topic", TOPIC_ACTION, partial(_topic, account, topic, alarm)))
    return findings


def _states(alarms: list[dict[str, Any]]) -> Finding:
    check = "Alarms"
    if not alarms:
        return not_ok(check, "The stack has none.", "Deploy again: make deploy")
    on = [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
    if on:
        more = f" and {len(on) - _MOST_NAMES} more" if len(on) > _MOST_NAMES else ""
        text = f"{len(on)} of {len(alarms)} are on: {', '.join(on[:_MOST_NAMES])}{more}."
        return not_ok(check, text, "docs/deploy.md (Alarms) says what each means, and what to do.")
    return ok(check, f"{len(alarms)}, and none is on")


def _topic(account: Account, topic: str, alarm: str) -> Finding:
    check = "Alarm topic"
    attributes = account.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    number = alarm.split(":")[4]
    allowed = allows_alarm(json.loads(attributes.get("Policy", "{}")), topic, alarm, number)
    name = topic.rpartition(":")[2]
    if allowed is None:
        mend = "Look at it in the SNS console: cloudwatch.amazonaws.com needs sns:Publish."
        return cannot_tell(check, f"The policy of {name} has conditions that are not known here.", mend)
    if not allowed:
        mend = "Allow cloudwatch.amazonaws.com to call sns:Publish. For a topic of the stack, deploy again: make deploy"
        return not_ok(check, f"The policy of {name} lets no alarm publish: nobody is notified.", mend)
    confirmed, pending = (int(attributes.get(f"Subscriptions{state}", 0)) for state in ("Confirmed", "Pending"))
    if not confirmed:
        state = "is not confirmed yet" if pending else "does not exist"
        mend = "Open the mail of AWS Notifications and confirm it." if pending else "Subscribe somebody to the topic."
        return not_ok(check, f"Alarms may publish to {name}, but its subscription {state}: nobody is notified.", mend)
    return ok(check, f"alarms may publish to {name}, which has {confirmed} confirmed subscription(s)")
