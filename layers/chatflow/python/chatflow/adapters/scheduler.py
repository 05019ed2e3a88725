"""Deadlines of waits: a one-time EventBridge Scheduler schedule that queues a `timeout` event.

None is cancelled by a turn: the event is fenced by session and turn, and one that comes too late is ignored.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from chatflow.adapters.aws import client
from chatflow.conversation.events import Event


@dataclass(frozen=True)
class Schedules:
    """Where schedules stand and what they may do. Times are kept to the minute (Scheduler's precision)."""

    group: str
    queue_arn: str
    role_arn: str
    dead_letters_arn: str

    def at(self, deadline: int, event: Event) -> None:
        """Queue the event at `deadline` (seconds since the epoch); asking again for the same event changes nothing."""
        scheduler = client("scheduler")
        when = datetime.fromtimestamp(deadline, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        try:
            scheduler.create_schedule(
                Name=_name(event),
                GroupName=self.group,
                ScheduleExpression=f"at({when})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": self.queue_arn,
                    "RoleArn": self.role_arn,
                    "Input": json.dumps(event, separators=(",", ":")),
                    "SqsParameters": {"MessageGroupId": event["conversation"]},
                    "DeadLetterConfig": {"Arn": self.dead_letters_arn},
                    "RetryPolicy": {"MaximumRetryAttempts": 20, "MaximumEventAgeInSeconds": 3600},
                },
            )
        except scheduler.exceptions.ConflictException:
            return


def forget(group: str, event: Event) -> bool:
    """Delete the schedule of an event, whose conversation is erased; false when it is not, or no longer, there."""
    scheduler = client("scheduler")
    try:
        scheduler.delete_schedule(GroupName=group, Name=_name(event))
    except scheduler.exceptions.ResourceNotFoundException:
        return False
    return True


def _name(event: Event) -> str:
    return "t_" + hashlib.sha256(event["id"].encode()).hexdigest()[:40]
