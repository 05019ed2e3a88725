"""Idempotency: a request that is sent twice with the same `Idempotency-Key` is carried out once.

Powertools Idempotency stores the response for a day. Only a success is stored: a refused request changed nothing, and
a failed one should be tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from aws_lambda_powertools import Logger

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.errors import Unavailable
from management.http.problems import Problem, invalid_field

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
RETENTION_SECONDS: Final = 86400
_MAX_CHARACTERS: Final = 255
_MAX_BYTES: Final = 350_000  # of a stored response, in JSON: a DynamoDB item has at most 400 KB

logger = Logger(service="chatflow", use_rfc3339=True)

LambdaResponse = dict[str, Any]


def reference(response: LambdaResponse, request_id: str) -> LambdaResponse:
    """The status of a response and the id of its request, in place of its content."""
    headers = {"Content-Type": "application/json"}
    return {"statusCode": response["statusCode"], "headers": headers, "body": json.dumps({"request": request_id})}


class IdempotencyStore(Protocol):
    """Carries out `act` once for `key`. Raises Problem (in-progress, idempotency-key-reused)."""

    def once(
        self,
        key: str,
        request: str,
        act: Callable[[], LambdaResponse],
        context: Any,
        stored: Callable[[LambdaResponse], LambdaResponse],
    ) -> LambdaResponse: ...


class _NotStored(Exception):
    """Stops Powertools from storing a response. Not an error."""


def validated_key(key: str) -> str:
    """The value of the header, unchanged. Raises Problem (invalid-request)."""
    if not (0 < len(key) <= _MAX_CHARACTERS and key.isascii() and key.isprintable()):
        raise invalid_field(f"header.{HEADER}", f"1 to {_MAX_CHARACTERS} printable ASCII characters")
    return key


def digest(*parts: str) -> str:
    """One hash of several texts: the request itself is not stored."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


class DynamoDBIdempotencyStore:
    """Stores responses in the table `repeats`."""

    def __init__(self, table: str) -> None:
        self._table = table

    def once(
        self,
        key: str,
        request: str,
        act: Callable[[], LambdaResponse],
        context: Any,
        stored: Callable[[LambdaResponse], LambdaResponse] = lambda response: response,
    ) -> LambdaResponse:
        """`key` identifies the request, `request` is the digest of its content. `stored`: what a repeat gets.

        Raises Problem, and Unavailable if the table cannot be read; then `act` was not called.
        """
        # Imported by a request that has a key, since it brings all of boto3.
        from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
        from aws_lambda_powertools.utilities.idempotency.exceptions import (
            IdempotencyAlreadyInProgressError,
            IdempotencyInconsistentStateError,
            IdempotencyPersistenceLayerError,
            IdempotencyValidationError,
        )

        config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="request",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=RETENTION_SECONDS,
            hash_function="sha256",
            # With the context, a request whose function crashed may be sent again after the function's timeout.
            lambda_context=context,
        )

        responses: list[LambdaResponse] = []

        # Powertools ships no types for this decorator.
        @idempotent_function(  # type: ignore[untyped-decorator]
            data_keyword_argument="identity", config=config, persistence_store=_store(self._table)
        )
        def act_once(*, identity: dict[str, str]) -> LambdaResponse:  # noqa: ARG001  read by Powertools
            response = act()
            responses.append(response)
            stored_response = stored(response)
            if response["statusCode"] >= 300 or len(json.dumps(stored_response)) > _MAX_BYTES:
                raise _NotStored
            return stored_response

        try:
            response = cast(LambdaResponse, act_once(identity={"key": key, "request": request}))
        except _NotStored:
            return responses[-1]
        except IdempotencyPersistenceLayerError as error:
            if not responses:
                raise Unavailable("the stored response cannot be read; nothing was done") from error
            # The change is made, so the caller must get the response. A repeat would make the change again.
            logger.exception("response not stored for its repeats")
            return responses[-1]
        except IdempotencyValidationError:
            raise Problem("idempotency-key-reused", "it was sent before, with another body: use a new one") from None
        except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
            raise Problem("in-progress", "the request with this Idempotency-Key is not done: ask again soon") from None
        return (
            responses[-1] if responses else {**response, "headers": {**response.get("headers", {}), REPLAYED: "true"}}
        )


@cache
def _store(table: str) -> DynamoDBPersistenceLayer:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    return DynamoDBPersistenceLayer(
        table_name=table, expiry_attr="expires_at", boto3_client=botocore_client("dynamodb")
    )
