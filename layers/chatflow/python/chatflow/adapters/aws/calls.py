"""A client of one service: signs a call, sends it, and repeats it as the standard mode of AWS's SDKs does.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from chatflow.adapters import throttling
from chatflow.adapters.aws import operations, settings
from chatflow.adapters.aws.connections import Answer, Origin, SignedRequest, exchange
from chatflow.adapters.aws.emulation import is_emulated
from chatflow.adapters.aws.errors import AwsRefused, AwsUnreachable, Exceptions, refusal
from chatflow.adapters.aws.operations import Request
from chatflow.adapters.aws.signing import UNSIGNED, canonical_query, encoded, sign

_TRANSIENT_CODES: Final = frozenset({"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"})
_TRANSIENT_STATUSES: Final = frozenset({500, 502, 503, 504})
_LONGEST_PAUSE: Final = 20.0  # seconds
_PORTS: Final = {"https": 443, "http": 80}


class AwsClient:
    """Methods are named like boto3's: `client.get_item(TableName=...)`. See `chatflow.adapters.aws.client`.

    A call raises the class of `exceptions` that is named like the error's code, a subclass of
    `exceptions.ClientError`; AwsUnreachable when no answer comes. `exceptions` has every name.
    """

    exceptions: Final = Exceptions()

    def __init__(self, service: str, *, read_timeout: float, attempts: int, endpoint: str) -> None:
        self._name = service
        self._service = operations.SERVICES[service]
        self._region = settings.region()
        self._endpoint = endpoint or settings.endpoint(service, self._service.host, self._region)
        self._read_timeout = read_timeout
        self._attempts = attempts
        self._quota = _RetryQuota()

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        if method.startswith("_"):
            raise AttributeError(method)
        operation = "".join(part.capitalize() for part in method.split("_"))

        def call(**parameters: Any) -> dict[str, Any]:
            return self.call(operation, parameters)

        setattr(self, method, call)
        return call

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Call an operation by its name in the service's reference."""
        request = operations.request_of(self._name, operation, parameters)
        started, attempt, spent = time.time(), 1, 0
        while True:
            error: Exception
            try:
                answer = self._send(operation, request)
                if answer.status < 300:
                    result = self._result(operation, answer)
                    self._quota.release(spent)
                    return result
                error = self._refused(operation, answer)
            except (AwsRefused, AwsUnreachable) as failure:
                error = failure
            if not isinstance(request.body, bytes):
                raise error  # a stream cannot be sent again
            pause = self._pause(error, attempt, started)
            if pause is None:
                if attempt >= self._attempts or not _is_transient(error):
                    raise error
                if not (spent := self._quota.spend(error)):
                    raise error
                pause = random.random() * min(2.0 ** (attempt - 1), _LONGEST_PAUSE)  # noqa: S311  # nosec B311
            time.sleep(pause)
            attempt += 1

    def _pause(self, error: Exception, attempt: int, started: float) -> float | None:
        return throttling.pause_before(attempt + 1, started) if throttling.is_throttle(error) else None

    def _result(self, operation: str, answer: Answer) -> dict[str, Any]:
        if operations.is_hidden_error(operation, answer):
            raise self._refused(operation, answer._replace(status=500))
        try:
            return operations.result_of(self._name, operation, answer)
        except (ValueError, RecursionError) as garbled:
            if answer.stream:
                answer.stream.close()
            raise AwsUnreachable(operation, f"an answer that cannot be read: {garbled}", sent=True) from garbled

    def _refused(self, operation: str, answer: Answer) -> AwsRefused:
        response = operations.error_of(self._name, answer)
        return refusal(response["Error"]["Code"])(response, operation)

    def _send(self, operation: str, request: Request) -> Answer:
        origin, host, path = self._address(operation, request)
        query = canonical_query(request.query)
        headers = {**request.headers, "host": host, "user-agent": "chatflow"}
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ and (trace := os.environ.get("_X_AMZN_TRACE_ID")):
            # Lambda stops functions that call each other in a circle by it.
            headers["x-amzn-trace-id"] = encoded(trace, "=;:+&[]{}\"',")
        body = request.body
        if isinstance(body, bytes):
            payload_hash = hashlib.sha256(body).hexdigest()
            if body or request.method in ("POST", "PUT"):
                headers["content-length"] = str(len(body))
        else:
            payload_hash = UNSIGNED
        if self._name == "s3":
            headers["x-amz-content-sha256"] = payload_hash
        sign(
            request.method,
            path,
            query,
            headers,
            payload_hash,
            service=self._service.signing_name,
            region=self._region,
            credentials=settings.credentials(),
            at=time.time(),
        )
        target = f"{path}?{query}" if query else path
        return exchange(
            SignedRequest(operation, origin, request.method, target, headers, body, request.streamed),
            read_timeout=self._read_timeout,
            once=self._attempts == 1 or not isinstance(body, bytes),
        )

    def _address(self, operation: str, request: Request) -> tuple[Origin, str, str]:
        """Whom to connect to, the header `Host`, and the path."""
        found = urlsplit(self._endpoint)
        host, base = found.hostname or "", found.path.rstrip("/")
        if not is_emulated():
            host = operations.HOST_PREFIXES.get(operation, "") + host
        path = request.path
        if request.bucket:
            # A certificate for *.s3.… does not cover a name with a dot before it.
            if is_emulated() or "." in request.bucket:
                path = f"/{request.bucket}{path}"
            else:
                host = f"{request.bucket}.{host}"
        port = found.port or _PORTS[found.scheme]
        named = f"[{host}]" if ":" in host else host
        shown = named if port == _PORTS[found.scheme] else f"{named}:{port}"
        return (found.scheme, host, port), shown, base + path


def _is_transient(error: Exception) -> bool:
    if isinstance(error, AwsUnreachable):
        return True
    answer: Any = getattr(error, "response", {})
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status in _TRANSIENT_STATUSES or answer["Error"]["Code"] in _TRANSIENT_CODES


class _RetryQuota:
    """Ends the retries of a client whose calls mostly fail: each costs, and each success gives back."""

    _MOST: Final = 500
    _COST: Final = 5
    _COST_OF_TIMEOUT: Final = 10

    def __init__(self) -> None:
        self._left = self._MOST
        self._lock = threading.Lock()

    def spend(self, error: Exception) -> int:
        """What the repetition costs; 0 when there is not enough left for it."""
        cost = self._COST_OF_TIMEOUT if isinstance(error, AwsUnreachable) and error.timeout else self._COST
        with self._lock:
            if cost > self._left:
                return 0
            self._left -= cost
        return cost

    def release(self, spent: int) -> None:
        """A call succeeded, whose last repetition had cost `spent`; 0 for one that was not repeated."""
        with self._lock:
            self._left = min(self._left + (spent or 1), self._MOST)
