"""S3's errors in our tree of errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chatflow.errors import ChatflowError, NotPublished, Refused, Unavailable

_PASSING = frozenset({"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "Throttling"})


@contextmanager
def s3_faults(*, missing: bool = False) -> Iterator[None]:
    """S3's errors as ours. With `missing`, what S3 does not show is not there: it answers 403 to who may not list."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if missing and status in (403, 404):
            raise NotPublished("a file is not, or no longer, in its bucket") from None
        raise refusal(status, str(error.response.get("Error", {}).get("Code", ""))) from None
    except (BotoCoreError, HTTPError, OSError) as error:
        raise Unavailable(f"S3 could not be reached: {type(error).__name__}") from error


def refusal(status: int, code: str) -> ChatflowError:
    if status >= 500 or status == 429 or code in _PASSING:
        return Unavailable(f"S3 answered {status} {code}")
    return Refused(f"S3 refused with {status} {code}")
