"""A request that was sent twice is carried out once: `Idempotency-Key`, kept for a day by Powertools Idempotency.

Only a success is remembered. A request that was refused changed nothing, and one that failed should be tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final, Protocol, cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)

from chatflow.adapters.aws import client
from chatflow.errors import Unavailable
from management.http.problems import Problem, invalid

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
KEPT_SECONDS: Final = 86400
_MOST_CHARACTERS: Final = 255
_MOST_BYTES: Final = 350_000  # of an answer as it is kept, in JSON: a DynamoDB item ends at 400 KB

logger = Logger(service="chatflow", use_rfc3339=True)

Answer = dict[str, Any]


class Repeats(Protocol):
    """Carries out `act` once for `key`. Raises Problem (in-progress, idempotency-key-reused)."""

    def once(self, key: str, request: str, act: Callable[[], Answer], context: Any) -> Answer: ...


class _NotKept(Exception):
    """No error: a repeat must not get this answer."""


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

        answers: list[Answer] = []

        # It has no types of its own.
        @idempotent_function(  # type: ignore[untyped-decorator]
            data_keyword_argument="asked", config=config, persistence_store=_store(self._table)
        )
        def act_once(*, asked: dict[str, str]) -> Answer:  # noqa: ARG001  what Powertools looks at
            answer = act()
            answers.append(answer)
            if answer["statusCode"] >= 300 or len(json.dumps(answer)) > _MOST_BYTES:
                raise _NotKept
            return answer

        try:
            answer = cast(Answer, act_once(asked={"key": key, "request": request}))
        except _NotKept:
            return answers[-1]
        except IdempotencyPersistenceLayerError as error:
            if not answers:
                raise Unavailable("what was done before cannot be looked up; nothing was done now") from error
            # It is done, and whoever asked must hear so: only a repeat would be carried out again.
            logger.exception("answer not kept for its repeats")
            return answers[-1]
        except IdempotencyValidationError:
            raise Problem("idempotency-key-reused", "it was sent before, with another body: use a new one") from None
        except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
            raise Problem("in-progress", "the request with this Idempotency-Key is not done: ask again soon") from None
        return answer if answers else {**answer, "headers": {**answer.get("headers", {}), REPLAYED: "true"}}


@cache
def _store(table: str) -> DynamoDBPersistenceLayer:
    return DynamoDBPersistenceLayer(table_name=table, expiry_attr="expires_at", boto3_client=client("dynamodb"))
