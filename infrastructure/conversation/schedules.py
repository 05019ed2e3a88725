"""Deadlines of waits: a group of one-time schedules, and the role that they act with."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infrastructure.configuration import Configuration
from infrastructure.data.queues import Queues
from infrastructure.security import encryption_key as keys


class Schedules(Construct):
    """A schedule may put an event on the queue, or report that it could not; nothing else."""

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration, queues: Queues) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        self.group_name = f"{stack.stack_name}-waits"
        group = scheduler.CfnScheduleGroup(self, "Group", name=self.group_name)
        group.apply_removal_policy(configuration.removal)
        self.role = iam.Role(
            self,
            "Role",
            # Only schedules of this very group may take the role, not any schedule that someone makes anywhere.
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
                resources=[queues.events.queue_arn, queues.schedule_dead_letters.queue_arn],
            )
        )
        keys.unlock(self.role, ["sqs:SendMessage"])

    @property
    def schedules_arn(self) -> str:
        """Every schedule of the group: they are named when they are made."""
        return self._arn("schedule", f"{self.group_name}/*")

    def _arn(self, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service="scheduler", resource=resource, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
        )
