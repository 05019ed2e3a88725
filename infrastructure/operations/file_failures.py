"""Files that did not arrive: counted in the logs of the nodes that move them."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure.configuration import Configuration
from infrastructure.lambda_function import Room

# What an exit is called when a file did not go where it should. A business that answers and says no (`status`) is no
# trouble of ours; one that does not answer, or not in time, is.
_PATTERNS = {
    "api_integration": '{ ($.exit = "failure") && ($.effects[0].reason != "status") }',
    "media": '{ $.exit = "failed" }',
}
_NAME = "FilesFailed"


def file_failures(
    scope: Construct, configuration: Configuration, node_rooms: Mapping[str, Room]
) -> cloudwatch.Metric | None:
    """How many in five minutes; None where logs are not looked through (the emulator has no metric filters)."""
    if configuration.target.name != "aws":
        return None
    namespace = f"Chatflow/{configuration.stage}"
    for node_type, pattern in _PATTERNS.items():
        logs.MetricFilter(
            scope,
            f"{_NAME}In{node_type.title().replace('_', '')}",
            log_group=node_rooms[node_type].log,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=namespace,
            metric_name=_NAME,
        )
    return cloudwatch.Metric(namespace=namespace, metric_name=_NAME, statistic="Sum", period=Duration.minutes(5))
