"""Metrics that are counted in log lines. The local stack has none of them: its emulator has no metric filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from chatflow.nodes.manifest import FileFailures
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.configuration import Configuration
from infrastructure.conversation.node_types import NodeTypes
from infrastructure.lambda_function import LambdaFunction

_FIVE_MINUTES: Final = Duration.minutes(5)

_FILE_FAILURES_METRIC: Final = "FilesFailed"
_THROTTLED_REQUESTS: Final = '{ $.status = "429" }'  # of the access log, whose values are texts
# Lines of the conversation function about a stored session or a queued event that it cannot read. The message of the
# error (chatflow/tolerant_reader.py) says so, or the line has the error's name.
_UNREADABLE: Final = (
    '{ ($.message = "event not readable") || ($.reason = "*cannot be read*") || ($.reason = "Unreadable") }'
)


@dataclass(frozen=True)
class OutageMetrics:
    """`open`: calls that an open breaker refused; `held_seconds`: how long a call has been held."""

    open: cloudwatch.Metric
    held_seconds: cloudwatch.Metric


@dataclass(frozen=True)
class OwedMetrics:
    """`seconds`: how long the oldest message waits for the channel; `given_up`: messages that were not sent in time."""

    seconds: cloudwatch.Metric
    given_up: cloudwatch.Metric


def file_failures(scope: Construct, configuration: Configuration, node_types: NodeTypes) -> cloudwatch.Metric | None:
    """The number of files in five minutes that did not arrive, counted in the logs of the nodes that move them."""
    if configuration.target.name != "aws":
        return None
    namespace = f"Chatflow/{configuration.stage}"
    for node_type in node_types.node_types:
        if not node_type.file_failures:
            continue
        logs.MetricFilter(
            scope,
            f"{_FILE_FAILURES_METRIC}In{node_type.name.title().replace('_', '')}",
            log_group=node_types.functions[node_type.name].log,
            filter_pattern=logs.FilterPattern.literal(_pattern(node_type.file_failures)),
            metric_namespace=namespace,
            metric_name=_FILE_FAILURES_METRIC,
        )
    return cloudwatch.Metric(
        namespace=namespace, metric_name=_FILE_FAILURES_METRIC, statistic="Sum", period=_FIVE_MINUTES
    )


def _pattern(failures: FileFailures) -> str:
    """The log lines of visits whose file did not reach its destination.

    Every failure has a reason: what a filter makes of a field that is missing is not documented.
    """
    exit = f'$.exit = "{failures.exit}"'
    reasons = [f'$.effects[0].reason != "{reason}"' for reason in failures.except_reasons]
    return f"{{ {' && '.join(f'({each})' for each in (exit, *reasons)) if reasons else exit} }}"


def owed_messages(scope: Construct, configuration: Configuration, conversation: LambdaFunction) -> OwedMetrics | None:
    """What conversations owe their customers, read from the log of the conversation function."""
    if configuration.target.name != "aws":
        return None
    namespace = f"Chatflow/{configuration.stage}"
    for name, pattern, value in (
        ("OwedSeconds", '{ $.message = "owed" }', "$.oldest_seconds"),
        ("MessagesGivenUp", '{ $.message = "owed message given up" }', "1"),
    ):
        logs.MetricFilter(
            scope,
            f"{name}InTurns",
            log_group=conversation.log,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=namespace,
            metric_name=name,
            metric_value=value,
        )
    return OwedMetrics(
        seconds=cloudwatch.Metric(
            namespace=namespace, metric_name="OwedSeconds", statistic="Maximum", period=_FIVE_MINUTES
        ),
        given_up=cloudwatch.Metric(
            namespace=namespace, metric_name="MessagesGivenUp", statistic="Sum", period=_FIVE_MINUTES
        ),
    )


def outages(
    scope: Construct,
    configuration: Configuration,
    conversation: LambdaFunction,
    node_types: NodeTypes,
) -> OutageMetrics | None:
    """Trouble of the business's API: read in the logs of the nodes that call it, and in that of turns."""
    if configuration.target.name != "aws":
        return None
    namespace = f"Chatflow/{configuration.stage}"
    calling = [each for each in node_types.node_types if "hosts" in each.needs]
    for name, place, log, pattern, value in (
        *(
            (
                "CallsRefusedByBreaker",
                f"In{each.name.title().replace('_', '')}",
                node_types.functions[each.name].log,
                '{ $.effects[0].reason = "open" }',
                "1",
            )
            for each in calling
        ),
        ("HeldSeconds", "InTurns", conversation.log, '{ $.message = "held" }', "$.held_seconds"),
    ):
        logs.MetricFilter(
            scope,
            f"{name}{place}",
            log_group=log,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=namespace,
            metric_name=name,
            metric_value=value,
        )
    _count_paced_messages(scope, namespace, node_types)
    return OutageMetrics(
        open=cloudwatch.Metric(
            namespace=namespace, metric_name="CallsRefusedByBreaker", statistic="Sum", period=_FIVE_MINUTES
        ),
        held_seconds=cloudwatch.Metric(
            namespace=namespace, metric_name="HeldSeconds", statistic="Maximum", period=_FIVE_MINUTES
        ),
    )


def _count_paced_messages(scope: Construct, namespace: str, node_types: NodeTypes) -> None:
    """The messages that wait for the rate of their account. No alarm: `MessagesOwed` says when one waits long."""
    for each in node_types.node_types:
        if "channel" in each.needs:
            logs.MetricFilter(
                scope,
                f"MessagesPacedOf{each.name.title().replace('_', '')}",
                log_group=node_types.functions[each.name].log,
                filter_pattern=logs.FilterPattern.literal('{ $.effects[0].owed = "paced" }'),
                metric_namespace=namespace,
                metric_name="MessagesPaced",
                metric_value="1",
            )


def throttled_requests(
    scope: Construct, configuration: Configuration, webhooks: WebhookApi
) -> cloudwatch.Metric | None:
    """The requests in five minutes that API Gateway answered with 429; it has no metric for them."""
    if configuration.target.name != "aws":
        return None
    return _matching_lines(scope, configuration, "RequestsThrottled", webhooks.access_log, _THROTTLED_REQUESTS)


def unreadable_rows(
    scope: Construct, configuration: Configuration, conversation: LambdaFunction
) -> cloudwatch.Metric | None:
    """The attempts in five minutes that met a stored session or a queued event which this release cannot read."""
    if configuration.target.name != "aws":
        return None
    return _matching_lines(scope, configuration, "RowsUnreadable", conversation.log, _UNREADABLE)


def _matching_lines(
    scope: Construct, configuration: Configuration, name: str, log: logs.ILogGroup, pattern: str
) -> cloudwatch.Metric:
    """The number of lines in five minutes that match the pattern."""
    namespace = f"Chatflow/{configuration.stage}"
    logs.MetricFilter(
        scope,
        f"{name}InLog",
        log_group=log,
        filter_pattern=logs.FilterPattern.literal(pattern),
        metric_namespace=namespace,
        metric_name=name,
    )
    return cloudwatch.Metric(namespace=namespace, metric_name=name, statistic="Sum", period=_FIVE_MINUTES)
