"""How many conversations may take a turn at the same time, by the account's limit of concurrent executions.

A turn needs two executions: the conversation function, and the node that it waits for. Two more are left to webhooks
and the management API. Where turns take all executions, nodes are throttled, turns fail, and their events end as dead
letters. A new account may have a limit of 10.
"""

from __future__ import annotations

from typing import Final

from chatflow_cli.doctor.refusal import Refusal

DEFAULT_CONCURRENCY: Final = 50
_EXECUTIONS_PER_TURN: Final = 2
_EXECUTIONS_FOR_REQUESTS: Final = 2
_MIN_CONCURRENCY: Final = 2  # of an SQS trigger
# Lambda leaves at least this many executions to functions without reserved ones.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
_MIN_UNRESERVED: Final = 100
_RAISE_THE_LIMIT: Final = (
    'Ask for a higher "Concurrent executions" of AWS Lambda in the Service Quotas console; it costs nothing.'
)


def choose_concurrency(limit: int, asked: int | None) -> int:
    """The concurrency to deploy with: the one that was `asked` for, or the default as far as the limit allows it.

    Raises Refusal when the limit is too low for it.
    """
    allowed = (limit - _EXECUTIONS_FOR_REQUESTS) // _EXECUTIONS_PER_TURN
    if allowed < _MIN_CONCURRENCY:
        raise Refusal(
            f"This account may run {limit} Lambda executions at the same time in this Region; Chatflow needs at least "
            f"{_MIN_CONCURRENCY * _EXECUTIONS_PER_TURN + _EXECUTIONS_FOR_REQUESTS}.",
            _RAISE_THE_LIMIT,
        )
    if asked is not None and asked > allowed:
        raise Refusal(
            f"concurrency={asked} needs {asked * _EXECUTIONS_PER_TURN + _EXECUTIONS_FOR_REQUESTS} concurrent Lambda "
            f"executions; this account may run {limit} in this Region.",
            f"Deploy with -c concurrency={allowed} or less. {_RAISE_THE_LIMIT}",
        )
    return min(DEFAULT_CONCURRENCY, allowed) if asked is None else asked


def check_reserved(limit: int, reserved: int) -> None:
    """Raises Refusal when the account has too few executions to reserve any for a function."""
    if reserved and limit - reserved < _MIN_UNRESERVED:
        raise Refusal(
            f"reserved_concurrency={reserved} cannot be reserved: this account may run {limit} Lambda executions at "
            f"the same time in this Region, and Lambda keeps {_MIN_UNRESERVED} of them unreserved.",
            f"Deploy without it. {_RAISE_THE_LIMIT}",
        )
