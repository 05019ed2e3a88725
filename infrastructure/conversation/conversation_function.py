"""The function behind the queue of events: it takes one turn for each event, and alone writes sessions."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from chatflow.nodes.tasks import SEND_TEXT, STORE_FILE
from chatflow.settings import ConversationSettings
from infrastructure import timeouts
from infrastructure.conversation.contact_erasure import ContactErasure
from infrastructure.conversation.node_types import NodeTypes
from infrastructure.conversation.schedules import Schedules, allow_timers
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.queues import MAX_RECEIVE_COUNT, Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.security import nag


class ConversationFunction(Construct):
    """One event at a time for each conversation, `concurrency` conversations at the same time."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        defaults: FunctionDefaults,
        storage: Storage,
        queues: Queues,
        schedules: Schedules,
        turn: TurnMachine,
        node_types: NodeTypes,
        erasure: ContactErasure,
    ) -> None:
        super().__init__(scope, name)
        settings = ConversationSettings(
            sessions_table=storage.sessions.table_name,
            flows_table=storage.flows.table_name,
            turn_machine_arn=turn.machine.state_machine_arn,
            events_queue_url=queues.events.queue_url,
            events_queue_arn=queues.events.queue_arn,
            delayed_events_queue_url=queues.delayed_events.queue_url,
            delayed_events_queue_arn=queues.delayed_events.queue_arn,
            schedule_group=schedules.group_name,
            schedule_role_arn=schedules.role.role_arn,
            schedule_dead_letters_arn=queues.schedule_dead_letters.queue_arn,
            receives=str(MAX_RECEIVE_COUNT),
            events_dead_letters_url=queues.events_dead_letters.queue_url,
            erasure_function=erasure.function.name,
            send_text_type=node_types.task_types[SEND_TEXT],
            store_file_type=node_types.task_types[STORE_FILE],
            traced_percent=str(defaults.configuration.traced_percent),
        )
        dead_letters = "Its queue invokes it; it sends an event that failed five times to a dead-letter queue itself."
        self.function = LambdaFunction(
            self,
            "Turns",
            defaults=defaults,
            folder="conversation",
            description="Takes the turn of one event: loads the session, runs the machine, saves the session.",
            environment=settings.to_environment(),
            timeout=timeouts.CONVERSATION,
            tracing=lambda_.Tracing.DISABLED,  # a trace begins with the turn
            no_dead_letter_queue=dead_letters,
        )
        resource = self.function.resource.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)  # noqa: S101  guaranteed by the CDK
        # A turn that does not fit its budget continues with another event in the queue that invokes this function.
        # Lambda would take a chain of about 16 such events for a runaway loop and drop the next one. The bound is our
        # own: MAX_CONTINUES in chatflow/conversation/turn.py.
        resource.recursive_loop = "Allow"
        self._grant_permissions(storage, queues, schedules, turn)
        self.function.allow(["lambda:InvokeFunction"], [erasure.function.arn])
        trigger = lambda_.EventSourceMapping(
            self,
            "Trigger",
            target=self.function.resource,
            event_source_arn=queues.events.queue_arn,
            batch_size=1,  # a batch would mix conversations, and one failure would delay the others
            max_concurrency=defaults.configuration.concurrency,
            report_batch_item_failures=True,  # an event that waits for its session to move is no error
        )
        trigger.node.add_dependency(self.function.role)  # Lambda checks that the function may read the queue
        reason = f"A FIFO trigger has no destination. {dead_letters}"
        nag.waive(trigger, "Serverless-LambdaEventSourceMappingDestination", reason)

    def _grant_permissions(self, storage: Storage, queues: Queues, schedules: Schedules, turn: TurnMachine) -> None:
        self.function.allow(["dynamodb:BatchGetItem", "dynamodb:PutItem"], [storage.sessions.table_arn])
        # Only when something failed: to count runs, and for a session that cannot be read.
        self.function.allow(["dynamodb:UpdateItem", "dynamodb:DeleteItem"], [storage.sessions.table_arn])
        self.function.allow(["sqs:SendMessage"], [queues.events_dead_letters.queue_arn])
        self.function.allow(["dynamodb:BatchGetItem", "dynamodb:GetItem"], [storage.flows.table_arn])
        self.function.allow(["states:StartSyncExecution"], [turn.machine.state_machine_arn])
        self.function.allow(
            [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ChangeMessageVisibility",  # a failed event is received again soon
                "sqs:SendMessage",  # a turn that did not fit its budget continues with another event
            ],
            [queues.events.queue_arn],
        )
        allow_timers(self.function, queues=queues, schedules=schedules)
