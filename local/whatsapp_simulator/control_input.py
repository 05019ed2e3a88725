"""What the control API makes of a request, and how it says no."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

LONGEST_WAIT = 60.0  # seconds of a long poll


class Declined(Exception):
    """A request of the control API that makes no sense; becomes `{"error": ...}`."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


async def declined(_: Request, problem: Exception) -> Response:
    """The exception handler of Declined."""
    return JSONResponse({"error": str(problem)}, getattr(problem, "status", 500))


async def json_object(request: Request) -> dict[str, Any]:
    """The body, an object; an empty body is an empty object."""
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise Declined("The body is not JSON") from None
    if not isinstance(body, dict):
        raise Declined("The body must be a JSON object")
    return body


def customer_number(request: Request) -> str:
    """The customer that the path names: digits only, as Meta writes a number."""
    return checked_number(str(request.path_params["wa_id"]))


def checked_number(number: str) -> str:
    digits = re.sub(r"[ +()-]", "", number)
    if not re.fullmatch(r"[0-9]{5,20}", digits):
        raise Declined(f"{number!r} is no phone number: 5 to 20 digits with the country code")
    return digits


def whole_number(request: Request, name: str) -> int:
    value = request.query_params.get(name, "0")
    if not value.isdigit():
        raise Declined(f"{name} must be a whole number, not {value!r}")
    return int(value)


def wait_seconds(request: Request) -> float:
    """How long the caller wants to wait for something new; at most LONGEST_WAIT."""
    try:
        return min(max(float(request.query_params.get("wait", "0")), 0.0), LONGEST_WAIT)
    except ValueError:
        raise Declined("wait must be a number of seconds") from None
