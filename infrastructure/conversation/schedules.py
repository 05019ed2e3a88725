"""Deadlines of waits: a group of one-time schedules, and the role of EventBridge Scheduler."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infrastructure.configuration import Configuration
from infrastructure.data.queues import Queues
from infrastructure.lambda_function import LambdaFunction
from infrastructure.security.encryption_key import grant_key_use
from infrastructure.security.nag import WildcardArn


class Schedules(Construct):
    """A schedule may put an event on the queue, or a failed delivery on the dead-letter queue; nothing else."""

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration, queues: Queues) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        self.group_name = f"{stack.stack_name}-waits"
        group = scheduler.CfnScheduleGroup(self, "Group", name=self.group_name)
        group.apply_removal_policy(configuration.removal)
        self.role = iam.Role(
            self,
            "Role",
            # Only schedules of this group may assume the role, not every schedule of the account.
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnEquals": {"aws:SourceArn": self._arn("schedule-group", self.group_name)},
                },
            ),
        )
        self.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"],
                resources=[
                    queues.events.queue_arn,
                    queues.delayed_events.queue_arn,
                    queues.schedule_dead_letters.queue_arn,
                ],
            )
        )
        grant_key_use(self.role, ["sqs:SendMessage"])

    @property
    def schedules_arn(self) -> WildcardArn:
        """Every schedule of the group."""
        arn = self._arn("schedule", f"{self.group_name}/*")
        return WildcardArn(arn, "Schedules are named when a conversation begins to wait.")

    def _arn(self, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service="scheduler", resource=resource, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
        )


def allow_timers(function: LambdaFunction, *, queues: Queues, schedules: Schedules) -> None:
    """Let a function set timers: delayed messages for up to 15 minutes, and schedules (`chatflow.adapters.timers`)."""
    function.allow(["sqs:SendMessage"], [queues.delayed_events.queue_arn])
    function.allow(["scheduler:CreateSchedule"], [schedules.schedules_arn])
    function.allow(
        ["iam:PassRole"],
        [schedules.role.role_arn],
        {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
    )
