"""One client for each AWS service, made on first use and kept for the life of the process. Decision record 0010."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_TOO_BUSY = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "Throttling", "ThrottlingException"}
)


@cache
def client(service: str, *, read_timeout: float = 10.0, attempts: int = 3) -> Any:
    """A low-level client. `attempts` 1 means that a call is made once, whatever happens.

    Host prefixes ("sync-states.") are not injected when an endpoint is given: an emulator has no such names. S3 is told
    to sign with version 4, since its older default signs no URL for an encrypted bucket, and to name the bucket in the
    host of its region: the worldwide one redirects for a day after a bucket was made, which a browser's upload does not
    survive.
    """
    import os

    with _all_garbage_kept():
        from botocore.config import Config

        config = Config(
            read_timeout=read_timeout,
            connect_timeout=3.0,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            inject_host_prefix="AWS_ENDPOINT_URL" not in os.environ,
            signature_version="s3v4" if service == "s3" else None,
            s3={"addressing_style": "path" if "AWS_ENDPOINT_URL" in os.environ else "virtual"},
        )
        return session().create_client(service, config=config)


def is_outage(error: Exception) -> bool:
    """Whether AWS could not be reached or is too busy: what was asked may succeed in a moment."""
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

    if isinstance(error, ClientError):
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        code = str(error.response.get("Error", {}).get("Code", ""))
        return status >= 500 or status == 429 or code in _TOO_BUSY
    return isinstance(error, ConnectionError | HTTPClientError)


@cache
def session() -> Any:
    """What all clients share. botocore's own: boto3 around it costs a tenth of a first start, and gives us nothing."""
    from botocore.session import Session

    return Session()


@contextmanager
def _all_garbage_kept() -> Iterator[None]:
    """Importing botocore makes a hundred thousand objects that stay: looking for garbage among them finds none."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
