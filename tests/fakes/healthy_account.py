"""Answers of an account in which every check of `chatflow doctor` is ok; a test replaces what it is about."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from chatflow_cli.doctor.finding import Finding
from chatflow_cli.doctor.machine import Machine
from chatflow_cli.doctor.options import CHECKOUT
from chatflow_cli.doctor.smoke_flow import VARIABLES
from tests.fakes.aws_answers import Answer, refusal

NUMBER = "123456789012"
REGION = "eu-west-1"
STACK = "Chatflow-dev"
TOPIC = f"arn:aws:sns:{REGION}:{NUMBER}:{STACK}-alerts"
ALARM = f"arn:aws:cloudwatch:{REGION}:{NUMBER}:alarm:{STACK}-TurnsFail"
QUEUES = f"https://sqs.{REGION}.amazonaws.com/{NUMBER}"
OUTPUTS = {
    "CommandLine": "chatflow login https://abc123.execute-api.eu-west-1.amazonaws.com/api/v1 --client c",
    "ConversationFunction": "conversation",
    "ConversationSecret": f"{STACK}/conversation-key",
    "EventsDeadLetters": f"{QUEUES}/dead.fifo",
    "EventsQueue": f"{QUEUES}/events.fifo",
    "ManagementUrl": "https://abc123.execute-api.eu-west-1.amazonaws.com/api/v1",
    "ScheduleDeadLetters": f"{QUEUES}/schedules",
    "TurnMachine": f"arn:aws:states:{REGION}:{NUMBER}:stateMachine:{STACK}-turn",
    "WebhookUrl": "https://abc123.execute-api.eu-west-1.amazonaws.com/webhooks/{channel}",
}


def limits(executions: int = 1000, *, code_used: int = 0) -> dict[str, Any]:
    return {
        "AccountLimit": {"ConcurrentExecutions": executions, "TotalCodeSize": 75 * 1024**3},
        "AccountUsage": {"TotalCodeSize": code_used},
    }


def no_stack() -> Exception:
    return refusal("ValidationError", "DescribeStacks")


def stack(status: str, *, protected: bool = False, outputs: dict[str, str] | None = None) -> dict[str, Any]:
    about = {"StackName": STACK, "CreationTime": datetime.now(UTC), "StackStatus": status}
    shown = [{"OutputKey": key, "OutputValue": value} for key, value in (outputs or {}).items()]
    return {"Stacks": [{**about, "EnableTerminationProtection": protected, "Outputs": shown}]}


def quotas(**values: float) -> dict[str, Any]:
    return {"Quotas": [{"QuotaName": name.replace("_", " "), "Value": value} for name, value in values.items()]}


def before_a_deploy() -> dict[str, Answer]:
    """A bootstrapped account without a stack."""
    return {
        "sts.GetCallerIdentity": {"Account": NUMBER, "Arn": f"arn:aws:iam::{NUMBER}:user/ada", "UserId": "AID"},
        "ssm.GetParameter": {"Parameter": {"Value": "30"}},
        "lambda.GetAccountSettings": limits(),
        "apigateway.GetAccount": {"throttleSettings": {"rateLimit": 10000.0, "burstLimit": 5000}},
        "service-quotas.ListServiceQuotas": quotas(CreateSchedule_request_rate=250.0),
        "iam.GetAccountSummary": {"SummaryMap": {"Roles": 100, "RolesQuota": 1000}},
        "cloudformation.DescribeStacks": no_stack(),
        "secretsmanager.ListSecrets": {"SecretList": []},
        "scheduler.ListScheduleGroups": {"ScheduleGroups": []},
    }


def queue(name: str, **attributes: str) -> dict[str, str]:
    arn = f"arn:aws:sqs:{REGION}:{NUMBER}:{name}"
    return {"QueueArn": arn, "ApproximateNumberOfMessages": "0", "SqsManagedSseEnabled": "true", **attributes}


def all_queues() -> dict[str, dict[str, str]]:
    """The attributes of each queue, by its name."""
    dead = queue("dead.fifo", FifoQueue="true")
    redrive = json.dumps({"deadLetterTargetArn": dead["QueueArn"], "maxReceiveCount": 5})
    events = queue("events.fifo", FifoQueue="true", VisibilityTimeout="175", RedrivePolicy=redrive)
    return {"events.fifo": events, "dead.fifo": dead, "schedules": queue("schedules")}


def queues(found: dict[str, dict[str, str]]) -> Answer:
    return lambda parameters: {"Attributes": found[parameters["QueueUrl"].rpartition("/")[2]]}


def alarm(name: str = "TurnsFail", state: str = "OK", topics: tuple[str, ...] = (TOPIC,)) -> dict[str, Any]:
    full = f"{STACK}-{name}"
    arn = f"arn:aws:cloudwatch:{REGION}:{NUMBER}:alarm:{full}"
    return {"AlarmName": full, "AlarmArn": arn, "StateValue": state, "AlarmActions": list(topics)}


def topic(policy: dict[str, Any] | None = None, *, confirmed: int = 1, pending: int = 0) -> dict[str, Any]:
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC,
        "Condition": {"StringEquals": {"aws:SourceAccount": NUMBER}},
    }
    counts = {"SubscriptionsConfirmed": str(confirmed), "SubscriptionsPending": str(pending)}
    return {"Attributes": {"Policy": json.dumps(policy or {"Statement": [allow]}), **counts}}


def turn(execution: str = "SUCCEEDED", **output: Any) -> dict[str, Any]:
    ended = {"status": "ended", "variables": VARIABLES, **output}
    about = {"executionArn": "arn:aws:states:eu-west-1:1:express:turn:x", "startDate": datetime.now(UTC)}
    return {**about, "stopDate": datetime.now(UTC), "status": execution, "output": json.dumps(ended)}


def after_a_deploy() -> dict[str, Answer]:
    """A deployed stack that works."""
    return {
        **before_a_deploy(),
        "cloudformation.DescribeStacks": stack("UPDATE_COMPLETE", outputs=OUTPUTS),
        "sqs.GetQueueAttributes": queues(all_queues()),
        "lambda.ListEventSourceMappings": trigger(),
        "lambda.GetFunctionConfiguration": {"Timeout": 145},
        "cloudwatch.DescribeAlarms": {"MetricAlarms": [alarm()]},
        "sns.GetTopicAttributes": topic(),
        "stepfunctions.StartSyncExecution": turn(),
        "secretsmanager.ListSecrets": {"SecretList": [connected_account()]},
        "secretsmanager.GetSecretValue": {"SecretString": json.dumps({"phone_number_id": "1065"})},
    }


def connected_account() -> dict[str, Any]:
    """The secret of an account of a channel, as ListSecrets shows it."""
    return {"Name": f"{STACK}/channels/whatsapp/1065", "CreatedDate": datetime.now(UTC)}


def trigger(state: str = "Enabled") -> dict[str, Any]:
    return {
        "EventSourceMappings": [
            {
                "UUID": "0a1b2c3d-0000-4000-8000-000000000000",
                "State": state,
                "ScalingConfig": {"MaximumConcurrency": 50},
            }
        ]
    }


class SoundMachine(Machine):
    """This machine, with no other environment active. It is looked at once for all tests."""

    def findings(self) -> Iterator[Finding]:
        yield from _found_here()


@cache
def _found_here() -> tuple[Finding, ...]:
    environment = {"PATH": os.environ["PATH"], "VIRTUAL_ENV": str(CHECKOUT / ".venv")}
    return tuple(Machine(environment=environment).findings())


def planted_checkout(folder: Path, *, cdk: str = "2.1", library: str = "") -> Path:
    """A checkout with this CDK in its node_modules, "" for none. It pins 2.1, and `library` or the one that is here."""
    (folder / "cdk.json").write_text("{}")
    (folder / "package.json").write_text(json.dumps({"devDependencies": {"aws-cdk": "2.1"}}))
    (folder / "requirements.txt").write_text(f"aws-cdk-lib=={library or version('aws-cdk-lib')} \\\n    --hash=x\n")
    if cdk:
        (folder / "node_modules" / "aws-cdk").mkdir(parents=True)
        (folder / "node_modules" / "aws-cdk" / "package.json").write_text(json.dumps({"version": cdk}))
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").touch()
    return folder
