"""Queries for operators, saved in CloudWatch Logs Insights."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_logs as logs
from constructs import Construct

# The conversation's key is in the session item and in the name of each execution; no log has a contact's address.
_CONVERSATION = """fields @timestamp, kind, flow, node, phase, exit, waits, milliseconds, ending, reason
| filter conversation = "c_..."
| sort @timestamp asc
| limit 500"""
_TROUBLE = """fields @timestamp, @log, level, message, conversation, reason, problem, detail, exception_name
| filter level in ["WARNING", "ERROR", "CRITICAL"] or record.status in ["timeout", "error"]
| sort @timestamp desc
| limit 200"""
_SLOW_NODES = """filter ispresent(node) and ispresent(milliseconds)
| stats count() as visits, pct(milliseconds, 50) as p50, pct(milliseconds, 95) as p95, max(milliseconds) as longest
  by flow, node
| sort p95 desc"""
_FAILED_TURNS = """fields @timestamp, execution_arn, type, details.error
| filter type in ["ExecutionFailed", "ExecutionTimedOut", "TaskFailed", "LambdaFunctionFailed"]
| sort @timestamp desc
| limit 100"""
_COLD_STARTS = """filter type = "platform.report"
| stats count(*) as invocations, count(record.metrics.initDurationMs) as cold,
  avg(record.metrics.initDurationMs) as start, max(record.metrics.maxMemoryUsedMB) as memory
  by @log"""


def add_saved_queries(
    scope: Construct, stack_name: str, every_log: Sequence[logs.ILogGroup], turn_log: logs.ILogGroup
) -> None:
    """The names of the queries begin with the stack's name."""
    queries: dict[str, tuple[str, Sequence[logs.ILogGroup]]] = {
        "One conversation": (_CONVERSATION, every_log),
        "Trouble": (_TROUBLE, every_log),
        "Slow nodes": (_SLOW_NODES, every_log),
        "Failed turns": (_FAILED_TURNS, [turn_log]),
        "Cold starts": (_COLD_STARTS, every_log),
    }
    for name, (query, log_groups) in queries.items():
        logs.CfnQueryDefinition(
            scope,
            name.title().replace(" ", ""),
            name=f"{stack_name}/{name}",
            query_string=query,
            log_group_names=[group.log_group_name for group in log_groups],
        )
