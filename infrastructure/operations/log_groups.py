"""Logs that end: every one has a retention."""

from __future__ import annotations

from typing import Final

from aws_cdk import Fn, Stack
from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure.configuration import Configuration, Misconfigured
from infrastructure.operations.masking import masking
from infrastructure.security.encryption_key import key_of

_DAYS: Final = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


def log_group(scope: Construct, name: str, configuration: Configuration, *, called: str | None = None) -> logs.LogGroup:
    """A log that is kept for `log_days` days. Raises Misconfigured for a number that CloudWatch does not take."""
    if configuration.log_days not in _DAYS:
        raise Misconfigured(f"log_days is one of {', '.join(map(str, _DAYS))}")
    return logs.LogGroup(
        scope,
        name,
        log_group_name=called,
        retention=_DAYS[configuration.log_days],
        removal_policy=configuration.removal,
        encryption_key=key_of(scope),
        data_protection_policy=masking() if configuration.mask_logs else None,
    )


def vended(scope: Construct, service: str, name: str) -> str:
    """A name for a log that a service writes by itself.

    Under this prefix a service does not add to the account's policy on logs, whose size is small. The end comes from
    the stack's id: a log that outlived its stack does not stand in the way of the next one.
    """
    stack = Stack.of(scope)
    identity = Fn.select(2, Fn.split("/", stack.stack_id))
    return f"/aws/vendedlogs/{service}/{stack.stack_name}-{name}-{Fn.select(0, Fn.split('-', identity))}"
