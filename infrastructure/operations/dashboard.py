"""The CloudWatch dashboard, with links to the other pages of the AWS console that an operator needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from chatflow.messages import FailureReason
from infrastructure.api.management_api import ManagementApi
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import LambdaFunction
from infrastructure.security.user_pool import UserPool

_HALF_WIDTH, _FULL_WIDTH = 12, 24


def add_dashboard(
    scope: Construct,
    dashboard_name: str,
    *,
    alarms: Sequence[cloudwatch.Alarm],
    links: str,
    queues: Queues,
    turn: TurnMachine,
    webhooks: WebhookApi,
    functions: Sequence[LambdaFunction],
) -> None:
    """`links`: markdown, as `console_links` returns it."""
    machine, events, api = turn.machine, queues.events, webhooks.api
    dashboard = cloudwatch.Dashboard(scope, "Dashboard", dashboard_name=dashboard_name)
    dashboard.add_widgets(
        cloudwatch.AlarmStatusWidget(title="What needs a person", alarms=list(alarms), width=_FULL_WIDTH)
    )
    dashboard.add_widgets(cloudwatch.TextWidget(markdown=links, width=_FULL_WIDTH, height=3))
    dashboard.add_widgets(
        _graph("Turns", [machine.metric_started(), machine.metric_failed(), machine.metric_timed_out()]),
        _graph("How long a turn takes", [machine.metric_time(statistic=each) for each in ("p50", "p95", "Maximum")]),
    )
    dashboard.add_widgets(
        _graph("Webhooks", [api.metric_count(), api.metric_server_error(), *_not_queued()]),
        _graph(
            "Age of the oldest event",
            [
                queue.metric_approximate_age_of_oldest_message()
                for queue in (events, queues.delayed_events, queues.statuses)
            ],
        ),
    )
    dashboard.add_widgets(
        _graph("Messages that were not delivered, by reason", _undelivered()),
        _graph("Delivery statuses in the queue", [queues.statuses.metric_approximate_number_of_messages_visible()]),
    )
    dashboard.add_widgets(
        _graph("Errors by function", [each.resource.metric_errors() for each in functions]),
        _graph("Time by function", [each.resource.metric_duration(statistic="p95") for each in functions]),
    )
    dashboard.add_widgets(
        _graph(
            "Messages in queues",
            [
                queue.metric_approximate_number_of_messages_visible(statistic="Maximum")
                for queue in (events, queues.delayed_events, queues.statuses, *queues.dead_letters.values())
            ],
        ),
        _graph("Throttles by function", [each.resource.metric_throttles() for each in functions]),
    )


def dashboard_url(scope: Construct, dashboard_name: str) -> str:
    region = Stack.of(scope).region
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#dashboards:name={dashboard_name}"


def console_links(
    scope: Construct,
    *,
    turn: TurnMachine,
    queues: Queues,
    storage: Storage,
    users: UserPool,
    management: ManagementApi,
) -> str:
    """Markdown for a text widget."""
    console = f"https://{Stack.of(scope).region}.console.aws.amazon.com"
    region = f"region={Stack.of(scope).region}"
    table = f"{console}/dynamodbv2/home?{region}#item-explorer?table="
    machine = turn.machine.state_machine_arn
    links: Mapping[str, str] = {
        "Executions of the turn machine": f"{console}/states/home?{region}#/statemachines/view/{machine}",
        "Saved queries (Logs Insights)": f"{console}/cloudwatch/home?{region}#logsV2:logs-insights",
        **{
            f"Dead letters of {name}": f"{console}/sqs/v3/home?{region}#/queues/{_encoded_url(queue)}"
            for name, queue in queues.dead_letters.items()
        },
        "Sessions": f"{table}{storage.sessions.table_name}",
        "Audit": f"{table}{storage.audit.table_name}",
        "Customers' files": f"{console}/s3/buckets/{storage.media_bucket.bucket_name}?{region}",
        "Asset library": f"{console}/s3/buckets/{storage.asset_bucket.bucket_name}?{region}",
        "Users": f"{console}/cognito/v2/idp/user-pools/{users.pool.user_pool_id}/user-management/users?{region}",
        "Secrets": f"{console}/secretsmanager/listsecrets?{region}",
    }
    shown = " · ".join(f"[{title}]({link})" for title, link in links.items())
    page = "docs/aws-console.md says what is found where."
    return f"**Look closer:** {shown}\n\nManagement API: `{management.url}` · {page}"


def _undelivered() -> list[cloudwatch.Metric]:
    """The metrics of the function `delivery_statuses`: one for each reason. They are the account's, not the stage's."""
    return [
        cloudwatch.Metric(
            namespace="Chatflow", metric_name="Undelivered", dimensions_map={"reason": reason}, statistic="Sum"
        )
        for reason in get_args(FailureReason)
    ]


def _not_queued() -> list[cloudwatch.Metric]:
    """The metrics of the function `webhook` for accounts that are not connected. They are the account's, as above."""
    return [
        cloudwatch.Metric(
            namespace="Chatflow", metric_name=name, dimensions_map={"service": "webhook"}, statistic="Sum"
        )
        for name in ("AccountMismatch", "UnknownAccount")
    ]


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=_HALF_WIDTH, height=6)


def _encoded_url(queue: sqs.Queue) -> str:
    """The queue's URL, encoded as the console's addresses have it."""
    stack = Stack.of(queue)
    return f"https%3A%2F%2Fsqs.{stack.region}.amazonaws.com%2F{stack.account}%2F{queue.queue_name}"
