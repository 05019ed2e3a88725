"""Log groups: retention, encryption, and a data-protection policy that masks addresses and credentials.

Our code logs neither (tests check it): masking is a second safeguard, for what a library or a service logs.
docs/security.md says what it costs and what it does not catch.
"""

from __future__ import annotations

from typing import Final

from aws_cdk import Fn, Stack
from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure.configuration import Configuration, Misconfigured
from infrastructure.security.encryption_key import encryption_key

_RETENTION_DAYS: Final = {
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

# Channels write phone numbers as digits alone; CloudWatch's own identifiers need a word such as "phone" beside them.
# Country code and number are at most 15 digits (E.164), as a word of its own: no part of a key or an id. A number that
# begins with 1 is North American and has eleven digits, so times in milliseconds (13 digits) or seconds (10) are
# not masked.
PHONE_NUMBER_PATTERNS: Final = {
    "Chatflow-number": r"\b[2-9]\d{8,14}\b",
    "Chatflow-number-north-america": r"\b1[2-9]\d{9}\b",
}
_MANAGED_IDENTIFIERS: Final = (
    logs.DataIdentifier.EMAILADDRESS,
    logs.DataIdentifier.AWSSECRETKEY,
    logs.DataIdentifier.OPENSSHPRIVATEKEY,
    logs.DataIdentifier.PGPPRIVATEKEY,
    logs.DataIdentifier.PKCSPRIVATEKEY,
    logs.DataIdentifier.PUTTYPRIVATEKEY,
    logs.DataIdentifier.CREDITCARDNUMBER,
    logs.DataIdentifier.PHONENUMBER_BR,
    logs.DataIdentifier.PHONENUMBER_DE,
    logs.DataIdentifier.PHONENUMBER_ES,
    logs.DataIdentifier.PHONENUMBER_FR,
    logs.DataIdentifier.PHONENUMBER_GB,
    logs.DataIdentifier.PHONENUMBER_IT,
    logs.DataIdentifier.PHONENUMBER_US,
)


def log_group(
    scope: Construct, name: str, configuration: Configuration, *, log_group_name: str | None = None
) -> logs.LogGroup:
    """A log group with `log_days` days of retention. Raises Misconfigured for a number that CloudWatch does not take.

    CloudFormation chooses a name where `log_group_name` is None.
    """
    if configuration.log_days not in _RETENTION_DAYS:
        raise Misconfigured(f"log_days is one of {', '.join(map(str, _RETENTION_DAYS))}")
    return logs.LogGroup(
        scope,
        name,
        log_group_name=log_group_name,
        retention=_RETENTION_DAYS[configuration.log_days],
        removal_policy=configuration.removal,
        encryption_key=encryption_key(scope),
        data_protection_policy=_masking_policy() if configuration.mask_logs else None,
    )


def vended_log_name(scope: Construct, service: str, name: str) -> str:
    """The name of a log group to which an AWS service delivers logs itself.

    Under the prefix /aws/vendedlogs/ a service does not add to the account's resource policy of CloudWatch Logs, whose
    size is limited. The name ends in a part of the stack's id, so that a log group that was retained after its stack
    does not block the name for the next stack.
    """
    stack = Stack.of(scope)
    stack_uuid = Fn.select(2, Fn.split("/", stack.stack_id))
    return f"/aws/vendedlogs/{service}/{stack.stack_name}-{name}-{Fn.select(0, Fn.split('-', stack_uuid))}"


def _masking_policy() -> logs.DataProtectionPolicy:
    """Masks for every reader without `logs:Unmask`, which no role of this stack has."""
    custom = [logs.CustomDataIdentifier(name, pattern) for name, pattern in PHONE_NUMBER_PATTERNS.items()]
    return logs.DataProtectionPolicy(
        name="chatflow",
        description="Addresses of contacts and credentials are masked.",
        identifiers=[*_MANAGED_IDENTIFIERS, *custom],
    )
