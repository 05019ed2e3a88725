"""Events keep their order in a conversation and are retried; dead letters have an alarm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.adapters.stepfunctions import WAIT_SECONDS
from chatflow.conversation.turn_limits import BUDGET_SECONDS, VISIT_SECONDS
from tests.infrastructure.template_checks import Template, assert_detects, only, plain, queue, resources, statements

QUEUE = "AWS::SQS::Queue"
ALARM = "AWS::CloudWatch::Alarm"


def conversations_do_not_wait_for_one_another(template: Template) -> None:
    events = queue(template, "Events")
    assert events["FifoQueue"] is True
    assert events["DeduplicationScope"] == "messageGroup"
    assert events["FifoThroughputLimit"] == "perMessageGroupId"
    assert events["ContentBasedDeduplication"] is True  # Scheduler gives no deduplication id


def the_trigger_takes_one_event_at_a_time(template: Template) -> None:
    trigger = only(template, "AWS::Lambda::EventSourceMapping", "ConversationTrigger")
    assert trigger["BatchSize"] == 1
    assert trigger["ScalingConfig"]["MaximumConcurrency"] == 50
    assert trigger["FunctionResponseTypes"] == ["ReportBatchItemFailures"]  # for an event whose session is moving


def each_timeout_exceeds_the_callees(template: Template) -> None:
    machine = only(template, "AWS::StepFunctions::StateMachine")
    execution = json.loads(plain(machine["DefinitionString"]))["TimeoutSeconds"]
    function = only(template, "AWS::Lambda::Function", "ConversationTurns")["Timeout"]
    assert VISIT_SECONDS < BUDGET_SECONDS < execution < WAIT_SECONDS < function
    visibility = queue(template, "Events")["VisibilityTimeout"]
    assert visibility > function  # Lambda demands as much, and no second worker may start beside the first
    # After a worker died, its conversation is free when the slowest visit's deadline has passed by 10 s.
    assert visibility <= VISIT_SECONDS + 10


def one_message_that_fails_delays_no_other(template: Template) -> None:
    for trigger, name, function in (
        ("TimersTrigger", "DelayedEvents", "TimersDelayedEvents"),
        ("StatusesTrigger", "Statuses", "StatusesDeliveryStatuses"),
    ):
        mapping = only(template, "AWS::Lambda::EventSourceMapping", trigger)
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        timeout = only(template, "AWS::Lambda::Function", function)["Timeout"]
        assert queue(template, name)["VisibilityTimeout"] >= 6 * timeout


def a_flood_of_statuses_takes_no_concurrency_from_conversations(template: Template) -> None:
    mappings = {
        part: only(template, "AWS::Lambda::EventSourceMapping", part)["ScalingConfig"]["MaximumConcurrency"]
        for part in ("StatusesTrigger", "ConversationTrigger")
    }
    assert mappings["StatusesTrigger"] * 10 <= mappings["ConversationTrigger"]
    webhook = [each for name, each in statements(template) if name.startswith("WebhooksWebhook")]
    assert not [each for each in webhook if "dynamodb" in str(each["Action"])]  # it writes no status itself


def every_queue_is_watched_and_has_dead_letters(template: Template) -> None:
    watched = {
        (plain(alarm["Dimensions"][0]["Value"]).strip("<>").partition(".")[0], alarm["MetricName"])
        for alarm in resources(template, ALARM).values()
        if alarm.get("Namespace") == "AWS/SQS"
    }
    for name, properties in resources(template, QUEUE).items():
        if "DeadLetters" not in name:
            counts_runs = name.startswith("QueuesEvents")  # the function sets an event aside after five runs
            assert properties["RedrivePolicy"]["maxReceiveCount"] == (100 if counts_runs else 5)
            target = plain(properties["RedrivePolicy"]["deadLetterTargetArn"]).strip("<>").partition(".")[0]
            assert template["Resources"][target]["Properties"].get("FifoQueue") == properties.get("FifoQueue")
            assert (name, "ApproximateAgeOfOldestMessage") in watched
        else:
            assert properties["MessageRetentionPeriod"] == 14 * 86_400
            assert (name, "ApproximateNumberOfMessagesVisible") in watched
            assert (name, "ApproximateAgeOfOldestMessage") in watched


def queues_are_encrypted_and_reached_by_tls(template: Template) -> None:
    assert all(properties["SqsManagedSseEnabled"] is True for properties in resources(template, QUEUE).values())
    protected = set()
    for policy in resources(template, "AWS::SQS::QueuePolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}:
                protected |= {plain(each).strip("<>") for each in policy["Queues"]}
    assert protected == resources(template, QUEUE).keys()


def _set(name: str, key: str, value: Any) -> Any:
    def mutate(template: Template) -> None:
        queue(template, name)[key] = value

    return mutate


def _trigger_in_batches(template: Template) -> None:
    only(template, "AWS::Lambda::EventSourceMapping", "ConversationTrigger")["BatchSize"] = 10


def _store_statuses_with_all_concurrency(template: Template) -> None:
    only(template, "AWS::Lambda::EventSourceMapping", "StatusesTrigger")["ScalingConfig"] = {"MaximumConcurrency": 50}


def _forward_all_or_nothing(template: Template) -> None:
    only(template, "AWS::Lambda::EventSourceMapping", "TimersTrigger")["FunctionResponseTypes"] = []


def _extend_the_turn_timeout(template: Template) -> None:
    only(template, "AWS::Lambda::Function", "ConversationTurns")["Timeout"] = 180


def _shorten_the_turn_timeout(template: Template) -> None:
    only(template, "AWS::Lambda::Function", "ConversationTurns")["Timeout"] = 60


def _drop_an_alarm(name: str) -> Any:
    def mutate(template: Template) -> None:
        (id,) = (id for id in resources(template, ALARM) if name in id)
        del template["Resources"][id]

    return mutate


def _retain_dead_letters_for_a_day(template: Template) -> None:
    queue(template, "EventsDeadLetters")["MessageRetentionPeriod"] = 86_400


def _add_a_queue(template: Template) -> None:
    template["Resources"]["Another"] = {"Type": QUEUE, "Properties": {"SqsManagedSseEnabled": True}}


def _allow_plain_http(template: Template) -> None:
    policy = next(iter(resources(template, "AWS::SQS::QueuePolicy").values()))
    policy["PolicyDocument"]["Statement"][0]["Effect"] = "Allow"


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (conversations_do_not_wait_for_one_another, _set("Events", "FifoThroughputLimit", "perQueue")),
        (conversations_do_not_wait_for_one_another, _set("Events", "ContentBasedDeduplication", False)),
        (the_trigger_takes_one_event_at_a_time, _trigger_in_batches),
        (one_message_that_fails_delays_no_other, _set("DelayedEvents", "VisibilityTimeout", 30)),
        (one_message_that_fails_delays_no_other, _forward_all_or_nothing),
        (one_message_that_fails_delays_no_other, _set("Statuses", "VisibilityTimeout", 60)),
        (a_flood_of_statuses_takes_no_concurrency_from_conversations, _store_statuses_with_all_concurrency),
        (every_queue_is_watched_and_has_dead_letters, _drop_an_alarm("DelayedEventsWait")),
        (each_timeout_exceeds_the_callees, _extend_the_turn_timeout),
        (each_timeout_exceeds_the_callees, _shorten_the_turn_timeout),
        (each_timeout_exceeds_the_callees, _set("Events", "VisibilityTimeout", 66)),
        (each_timeout_exceeds_the_callees, _set("Events", "VisibilityTimeout", 75)),
        (every_queue_is_watched_and_has_dead_letters, _drop_an_alarm("SchedulesSetAsideForLong")),
        (every_queue_is_watched_and_has_dead_letters, _retain_dead_letters_for_a_day),
        (every_queue_is_watched_and_has_dead_letters, _set("Events", "RedrivePolicy", {"maxReceiveCount": 1})),
        (queues_are_encrypted_and_reached_by_tls, _set("ScheduleDeadLetters", "SqsManagedSseEnabled", False)),
        (queues_are_encrypted_and_reached_by_tls, _allow_plain_http),
        (queues_are_encrypted_and_reached_by_tls, _add_a_queue),
    ],
)
def test_events_are_ordered_and_no_failure_goes_unnoticed(template: Template, check: Any, mutate: Any) -> None:
    assert_detects(check, template, mutate)
