"""Alarms, the dashboard and saved queries."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure.api.webhook_api import WebhookApi
from infrastructure.configuration import Configuration
from infrastructure.conversation.node_types import NodeTypes
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.queues import Queues
from infrastructure.lambda_function import LambdaFunction
from infrastructure.operations.alarms import AlarmNotifications, Alarms
from infrastructure.operations.dashboard import add_dashboard, dashboard_url
from infrastructure.operations.log_metrics import (
    file_failures,
    outages,
    owed_messages,
    throttled_requests,
    unreadable_rows,
)
from infrastructure.operations.saved_queries import add_saved_queries


class Observability(Construct):
    """An alarm stands for something that a person must look at; everything else is on the dashboard."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        configuration: Configuration,
        queues: Queues,
        turn: TurnMachine,
        webhooks: WebhookApi,
        functions: Sequence[LambdaFunction],
        node_types: NodeTypes,
        conversation: LambdaFunction,
        links: str,
    ) -> None:
        """`node_types`: their functions are among `functions`; `conversation`: the function of turns.

        `links`: see console_links.
        """
        super().__init__(scope, name)
        file_failure_metric = file_failures(self, configuration, node_types)
        owed_metrics = owed_messages(self, configuration, conversation)
        alarms = Alarms(self, configuration)
        alarms.add_queues(queues)
        alarms.add_turns(turn)
        alarms.add_webhooks(webhooks)
        alarms.add_functions(functions)
        serving = [webhooks.function, conversation, *node_types.functions.values()]
        alarms.add_throttles(serving, throttled_requests(self, configuration, webhooks))
        if file_failure_metric:
            alarms.add_file_failures(file_failure_metric)
        if owed_metrics:
            alarms.add_owed_messages(owed_metrics)
        if outage_metrics := outages(self, configuration, conversation, node_types):
            alarms.add_outages(outage_metrics)
        if unreadable := unreadable_rows(self, configuration, conversation):
            alarms.add_unreadable_rows(unreadable)
        AlarmNotifications(self, "Alerts", configuration=configuration).notify_of(alarms.all)
        self.dashboard_url = dashboard_url(self, configuration.stack_name)
        add_dashboard(
            self,
            configuration.stack_name,
            alarms=alarms.all,
            links=links,
            queues=queues,
            turn=turn,
            webhooks=webhooks,
            functions=functions,
        )
        if configuration.target.name == "aws":  # the emulator has no saved queries
            every_log: list[logs.ILogGroup] = [turn.log, *(function.log for function in functions)]
            add_saved_queries(self, configuration.stack_name, every_log, turn.log)
