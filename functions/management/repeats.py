"""A request that was sent twice is carried out once: `Idempotency-Key`, kept for a day by Powertools Idempotency.

Only a success is remembered. A request that was refused changed nothing, and one that failed should be tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any, Final, Protocol, cast

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)

from chatflow.adapters.aws import client
from management.problems import Problem, invalid

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
KEPT_SECONDS: Final = 86400
_MOST_CHARACTERS: Final = 255
_MOST_BYTES: Final = 350_000  # of an answer that is kept: a DynamoDB item ends at 400 KB

Answer = dict[str, Any]


class Repeats(Protocol):
    """Carries out `act` once for `key`. Raises Problem (in-progress, idempotency-key-reused)."""

    def once(self, key: str, request: str, act: Callable[[], Answer], context: Any) -> Answer: ...


class _NotKept(Exception):
    """No error: an answer that a repeat must not get."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def checked(key: str) -> str:
    """The header as it was sent. Raises Problem (invalid-request)."""
    if not (0 < len(key) <= _MOST_CHARACTERS and key.isascii() and key.isprintable()):
        raise invalid(f"header.{HEADER}", f"1 to {_MOST_CHARACTERS} printable ASCII characters")
    return key


def digest(*parts: str) -> str:
    """One text for several, without any of them in it: what was sent is not kept."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


class KeptAnswers:
    """In the table `repeats`."""

    def __init__(self, table: str) -> None:
        self._table = table

    def once(self, key: str, request: str, act: Callable[[], Answer], context: Any) -> Answer:
        """`key` names the request, `request` is the digest of all that it says."""
        config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="request",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=KEPT_SECONDS,
            hash_function="sha256",
            # A worker that crashed leaves its request in progress: it may be sent again when its time is over.
            lambda_context=context,
        )

        ran = []

        # It has no types of its own.
        @idempotent_function(  # type: ignore[untyped-decorator]
            data_keyword_argument="asked", config=config, persistence_store=_store(self._table)
        )
        def act_once(*, asked: dict[str, str]) -> Answer:  # noqa: ARG001  what Powertools looks at
            ran.append(True)
            answer = act()
            if answer["statusCode"] >= 300 or len(answer.get("body") or "") > _MOST_BYTES:
                raise _NotKept(answer)
            return answer

        try:
            answer = cast(Answer, act_once(asked={"key": key, "request": request}))
        except _NotKept as unkept:
            return unkept.answer
        except IdempotencyValidationError:
            raise Problem("idempotency-key-reused", "it was sent before, with another body: use a new one") from None
        except IdempotencyAlreadyInProgressError:
            raise Problem("in-progress", "the request with this Idempotency-Key is not done: ask again soon") from None
        return answer if ran else {**answer, "headers": {**answer.get("headers", {}), REPLAYED: "true"}}


@cache
def _store(table: str) -> DynamoDBPersistenceLayer:
    return DynamoDBPersistenceLayer(table_name=table, expiry_attr="expires_at", boto3_client=client("dynamodb"))
