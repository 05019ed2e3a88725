"""The AWS client of the functions that customers wait for. Decision record 0043.

botocore imports some 250 modules, which is most of a small function's first event. These functions call a dozen
operations of seven services. Everything else (the management API, publishing, tools) uses botocore: `botocore_clients`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from chatflow.adapters import throttling
from chatflow.adapters.aws.errors import AwsUnreachable

if TYPE_CHECKING:
    from chatflow.adapters.aws.calls import AwsClient


@cache
def client(service: str, *, read_timeout: float = 10.0, attempts: int = 3, endpoint: str = "") -> AwsClient:
    """A client, made on first use and cached for the process.

    Its methods are named like boto3's, take the same parameters and answer with the same fields; parameters are not
    validated, and times stay as they come. `read_timeout` is in seconds. With `attempts` 1, a call is only retried if
    it was throttled. `endpoint`: the URL of a service that every deployment has at an address of its own.
    """
    from chatflow.adapters.aws.calls import AwsClient  # not where a node calls nothing: it brings TLS

    return AwsClient(service, read_timeout=read_timeout, attempts=attempts, endpoint=endpoint)


def is_outage(error: BaseException) -> bool:
    """Whether AWS could not be reached or is too busy: the same call may succeed in a moment."""
    answer = getattr(error, "response", None)
    if isinstance(answer, dict):
        status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return status >= 500 or status == 429 or throttling.is_throttle(error)
    return is_unreachable(error)


def is_unreachable(error: BaseException) -> bool:
    """Whether a call of this client, or of one of botocore's, got no answer from AWS."""
    if isinstance(error, AwsUnreachable):
        return True
    if not (botocore := sys.modules.get("botocore.exceptions")):
        return False
    kinds = botocore.ConnectionError, botocore.HTTPClientError, botocore.IncompleteReadError
    return isinstance(error, (*kinds, botocore.CredentialRetrievalError))


@contextmanager
def best_effort() -> Iterator[None]:
    """The block is left undone where AWS cannot be reached or is too busy. Other errors pass through."""
    try:
        yield
    except Exception as error:
        if not is_outage(error):
            raise
