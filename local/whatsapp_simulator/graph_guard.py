"""What every Graph endpoint has in common: the token, planned faults, and Meta's error body."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from local.whatsapp_simulator.handset import handset_of
from local.whatsapp_simulator.refusals import Refusal, bad_token, no_such_object
from local.whatsapp_simulator.wire_capture import NOTES

Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(operation: str) -> Callable[[Endpoint], Endpoint]:
    """Check the token, strike with the planned fault, and turn refusals into Meta's error body."""

    def wrap(endpoint: Endpoint) -> Endpoint:
        async def run(request: Request) -> Response:
            try:
                return await _with_faults(operation, endpoint, request)
            except Refusal as refusal:
                reason = f'OAuth "Facebook Platform" "invalid_request" "{refusal.code}"'
                return JSONResponse(refusal.body(), refusal.status, {"www-authenticate": reason})

        return run

    return wrap


async def _with_faults(operation: str, endpoint: Endpoint, request: Request) -> Response:
    handset = handset_of(request)
    if request.headers.get("authorization") != f"Bearer {handset.settings.access_token}":
        raise bad_token()
    fault = await handset.faults.strike(operation)
    if fault is None:
        return await endpoint(request)
    request.scope[NOTES]["fault"] = operation
    if fault.cut >= 0:
        return _broken_off(await endpoint(request), fault.cut)
    if fault.after:
        await endpoint(request)
    raise fault.refusal()


def own_number(request: Request) -> str:
    """The phone number id of the path; raises Refusal when it is none of ours."""
    number_id = str(request.path_params["object_id"])
    if not handset_of(request).settings.serves(number_id):
        raise no_such_object(request.method, number_id)
    return number_id


def _broken_off(answer: Response, cut: int) -> Response:
    """The same download, announced whole and broken off after so many bytes."""
    if not isinstance(answer, FileResponse):
        return answer
    path = Path(answer.path)

    async def beginning() -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            yield file.read(cut)
        raise ConnectionResetError("The download was broken off, as asked for through /handset/faults")

    return StreamingResponse(beginning(), headers={**answer.headers, "content-length": str(path.stat().st_size)})
