"""One-time EventBridge Scheduler schedules, which queue an event at a later time.

A turn cancels no schedule: the event names what it is for, and one that comes too late is ignored. The event of a
deadline joins the delayed events, whose function looks first whether the deadline has moved on; any other goes to the
queue of its conversation at once, as the schedules of earlier versions do.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chatflow.adapters.aws import client
from chatflow.conversation.event_bodies import event_body
from chatflow.conversation.events import TIMEOUT, Event


@dataclass(frozen=True)
class Scheduler:
    """Creates schedules in a group. Scheduler's precision is one minute."""

    group: str
    queue_arn: str
    delayed_events_arn: str
    role_arn: str
    dead_letters_arn: str

    def queue_at(self, deadline: int, event: Event) -> None:
        """Queue the event at `deadline` (seconds since the epoch). A second call for the same event changes nothing."""
        scheduler = client("scheduler")
        if event["kind"] == TIMEOUT:
            queue: dict[str, Any] = {"Arn": self.delayed_events_arn}
        else:
            queue = {"Arn": self.queue_arn, "SqsParameters": {"MessageGroupId": event["conversation"]}}
        time = datetime.fromtimestamp(deadline, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        try:
            scheduler.create_schedule(
                Name=_name(event),
                GroupName=self.group,
                ScheduleExpression=f"at({time})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    **queue,
                    "RoleArn": self.role_arn,
                    "Input": event_body(event),
                    "DeadLetterConfig": {"Arn": self.dead_letters_arn},
                    "RetryPolicy": {"MaximumRetryAttempts": 20, "MaximumEventAgeInSeconds": 3600},
                },
            )
        except scheduler.exceptions.ConflictException:
            return


def delete_schedule(group: str, event: Event) -> bool:
    """Delete the schedule of an event, whose conversation is erased; false when there is none (any more)."""
    scheduler = client("scheduler")
    try:
        scheduler.delete_schedule(GroupName=group, Name=_name(event))
    except scheduler.exceptions.ResourceNotFoundException:
        return False
    return True


def _name(event: Event) -> str:
    return "t_" + hashlib.sha256(event["id"].encode()).hexdigest()[:40]
