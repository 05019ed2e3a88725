"""Translates S3's errors into Chatflow's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chatflow.adapters.aws import is_unreachable
from chatflow.errors import ChatflowError, NotPublished, OwnTrouble, Refused

_TRANSIENT = frozenset({"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "Throttling"})


@contextmanager
def s3_errors(*, missing: bool = False) -> Iterator[None]:
    """Translate what a client of S3 raises within the block: ours, or botocore's.

    With `missing`, 403 and 404 raise NotPublished: S3 answers 403 for a missing object to a role that may not list the
    bucket.
    """
    try:
        yield
    except ChatflowError:
        raise  # of the source of what is written
    except Exception as error:
        answer = getattr(error, "response", None)
        if isinstance(answer, dict):
            status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            if missing and status in (403, 404):
                raise NotPublished("a file is not, or no longer, in its bucket") from None
            raise _error_for(status, str(answer.get("Error", {}).get("Code", ""))) from None
        if isinstance(error, OSError) or is_unreachable(error):
            raise OwnTrouble(f"S3 could not be reached: {type(error).__name__}") from error
        raise


def _error_for(status: int, code: str) -> ChatflowError:
    """OwnTrouble for an HTTP status or S3 error code that may pass, else Refused."""
    if status >= 500 or status == 429 or code in _TRANSIENT:
        return OwnTrouble(f"S3 answered {status} {code}")
    return Refused(f"S3 refused with {status} {code}")
