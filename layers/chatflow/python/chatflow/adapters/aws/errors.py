"""What a call to AWS raises. Both errors are technical; whoever calls translates those that mean something to it."""

from __future__ import annotations

from functools import cache
from typing import Any


class AwsRefused(Exception):
    """AWS answered with an error. `response` has the shape of botocore's: `Error`, `ResponseMetadata`, and the fields
    of the error itself, such as `CancellationReasons`.
    """

    def __init__(self, response: dict[str, Any], operation: str) -> None:
        error = response["Error"]
        super().__init__(f"AWS refused {operation}: {error['Code']}: {error.get('Message', '')}")
        self.response = response
        self.operation_name = operation


class AwsUnreachable(Exception):
    """No answer came from AWS. `sent`: whether the call may have reached it, and may have taken effect."""

    def __init__(self, operation: str, reason: str, *, sent: bool, timeout: bool = False) -> None:
        super().__init__(f"{operation} got no answer from AWS: {reason}")
        self.sent = sent
        self.timeout = timeout


@cache
def refusal(code: str) -> type[AwsRefused]:
    """The class of refusals with this error code."""
    return type(code, (AwsRefused,), {})


class Exceptions:
    """The classes of errors by their codes, as attributes, like those of a client of botocore."""

    ClientError = AwsRefused

    def __getattr__(self, code: str) -> type[AwsRefused]:
        if code.startswith("_"):
            raise AttributeError(code)
        return refusal(code)
