"""Whether events reach the conversation function: the queue's attributes, its trigger, and dead letters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import attempt
from chatflow_cli.doctor.finding import Finding, not_ok, ok

QUEUE_ACTION: Final = "sqs:GetQueueAttributes"
FUNCTION_ACTION: Final = "lambda:GetFunctionConfiguration"
TRIGGER_ACTION: Final = "lambda:ListEventSourceMappings"
_DEPLOY_AGAIN: Final = "The deployed queue is not that of the template. Deploy again: make deploy"


def queue_findings(account: Account, outputs: Mapping[str, str]) -> list[Finding]:
    """One finding for the queue, one for what reads it, one for dead letters."""
    return [
        attempt("Events queue", QUEUE_ACTION, lambda: _queue(account, outputs)),
        attempt("Events trigger", f"{TRIGGER_ACTION} and {FUNCTION_ACTION}", lambda: _trigger(account, outputs)),
        attempt("Dead letters", QUEUE_ACTION, lambda: _dead_letters(account, outputs)),
    ]


def _queue(account: Account, outputs: Mapping[str, str]) -> Finding:
    check = "Events queue"
    events = _attributes(account, outputs["EventsQueue"])
    dead_letters = _attributes(account, outputs["EventsDeadLetters"])
    redrive = json.loads(events.get("RedrivePolicy", "{}"))
    wrong = [
        problem
        for problem, is_wrong in (
            (
                "it is no FIFO queue, so events of one conversation can overtake each other",
                not _is_true(events, "FifoQueue"),
            ),
            (
                "failed events do not go to the dead letters",
                redrive.get("deadLetterTargetArn") != dead_letters["QueueArn"],
            ),
            ("it is not encrypted", not (_is_true(events, "SqsManagedSseEnabled") or events.get("KmsMasterKeyId"))),
        )
        if is_wrong
    ]
    if wrong:
        return not_ok(check, f"{_capitalized('; '.join(wrong))}.", _DEPLOY_AGAIN)
    waiting = int(events.get("ApproximateNumberOfMessages", 0))
    return ok(check, f"FIFO, encrypted, at most {redrive['maxReceiveCount']} receives; about {waiting} events wait")


def _trigger(account: Account, outputs: Mapping[str, str]) -> Finding:
    """SQS delivers an event again after the visibility timeout: an earlier end of the function must be certain."""
    check = "Events trigger"
    client, function = account.client("lambda"), outputs["ConversationFunction"]
    queue = _attributes(account, outputs["EventsQueue"])
    mappings = client.list_event_source_mappings(FunctionName=function, EventSourceArn=queue["QueueArn"])
    triggers = mappings["EventSourceMappings"]
    if not triggers:
        return not_ok(check, f"Nothing reads the queue: {function} has no trigger.", _DEPLOY_AGAIN)
    (trigger,) = triggers
    if trigger["State"] not in ("Enabled", "Enabling", "Updating", "Creating"):
        mend = f"aws lambda update-event-source-mapping --enabled --uuid {trigger['UUID']}"
        return not_ok(check, f"The trigger of {function} is {trigger['State']}: no turn runs.", mend)
    timeout = int(client.get_function_configuration(FunctionName=function)["Timeout"])
    visibility = int(queue["VisibilityTimeout"])
    if visibility <= timeout:
        text = f"An event returns after {visibility} s, while {function} may run {timeout} s: it would run twice."
        return not_ok(check, text, _DEPLOY_AGAIN)
    most = trigger.get("ScalingConfig", {}).get("MaximumConcurrency")
    return ok(check, f"enabled{f', at most {most} turns at the same time' if most else ''}")


def _dead_letters(account: Account, outputs: Mapping[str, str]) -> Finding:
    check = "Dead letters"
    counts = {
        name: int(_attributes(account, outputs[output]).get("ApproximateNumberOfMessages", 0))
        for name, output in (("events", "EventsDeadLetters"), ("schedules", "ScheduleDeadLetters"))
    }
    found = [f"{count} of {name}" for name, count in counts.items() if count]
    if found:
        return not_ok(check, f"About {' and '.join(found)}.", "See why: chatflow dead-letters list")
    return ok(check, "none")


def _attributes(account: Account, url: str) -> dict[str, Any]:
    answer = account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    attributes: dict[str, Any] = answer["Attributes"]
    return attributes


def _is_true(attributes: Mapping[str, str], name: str) -> bool:
    return attributes.get(name, "").lower() == "true"


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
