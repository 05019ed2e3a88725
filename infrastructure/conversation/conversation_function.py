"""The function behind the queue: it takes one turn for one event, and alone writes sessions."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from chatflow.settings import ConversationSettings
from infrastructure import timeouts as deadlines
from infrastructure.conversation.schedules import Schedules
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.contact_erasure import Erasure
from infrastructure.data.queues import RECEIVES, Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import House, Room
from infrastructure.security import nag as waivers


class Conversation(Construct):
    """One event at a time for each conversation, `concurrency` conversations at the same time."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        house: House,
        storage: Storage,
        queues: Queues,
        schedules: Schedules,
        turn: TurnMachine,
        erasure: Erasure,
    ) -> None:
        super().__init__(scope, name)
        settings = ConversationSettings(
            sessions_table=storage.sessions.table_name,
            flows_table=storage.flows.table_name,
            turn_machine_arn=turn.machine.state_machine_arn,
            events_queue_url=queues.events.queue_url,
            events_queue_arn=queues.events.queue_arn,
            schedule_group=schedules.group_name,
            schedule_role_arn=schedules.role.role_arn,
            schedule_dead_letters_arn=queues.schedule_dead_letters.queue_arn,
            receives=str(RECEIVES),
            erasure_function=erasure.room.function.function_name,
        )
        self.room = Room(
            self,
            "Turns",
            house=house,
            room="conversation",
            about="Takes the turn of one event: loads the session, runs the machine, saves the session.",
            environment=settings.to_environment(),
            timeout=deadlines.CONVERSATION,
        )
        self._grant(storage, queues, schedules, turn)
        self.room.allow(["lambda:InvokeFunction"], [erasure.room.function.function_arn])
        trigger = lambda_.EventSourceMapping(
            self,
            "Trigger",
            target=self.room.function,
            event_source_arn=queues.events.queue_arn,
            batch_size=1,  # a batch would mix conversations, and one failure would hold up the others
            max_concurrency=house.configuration.concurrency,
        )
        trigger.node.add_dependency(self.room.role)  # a trigger may be made only for a function that may read the queue
        waivers.for_conversation(self.room, trigger, schedules.schedules_arn)

    def _grant(self, storage: Storage, queues: Queues, schedules: Schedules, turn: TurnMachine) -> None:
        self.room.allow(["dynamodb:BatchGetItem", "dynamodb:PutItem"], [storage.sessions.table_arn])
        self.room.allow(["dynamodb:BatchGetItem", "dynamodb:GetItem"], [storage.flows.table_arn])
        self.room.allow(["states:StartSyncExecution"], [turn.machine.state_machine_arn])
        self.room.allow(
            [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ChangeMessageVisibility",  # a failed event comes again soon
                "sqs:SendMessage",  # a turn that did not fit its budget goes on with an event of its own
            ],
            [queues.events.queue_arn],
        )
        self.room.allow(["scheduler:CreateSchedule"], [schedules.schedules_arn])
        self.room.allow(
            ["iam:PassRole"],
            [schedules.role.role_arn],
            {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
        )
