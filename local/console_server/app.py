"""The console's origin on this machine: the build, `config.json`, and the management API below `/api/`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infrastructure.console import headers
from local.console_server.build import ConsoleFiles
from local.console_server.configuration import configuration
from local.description import Description
from local.loopback import LoopbackOnly

_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
# They belong to one connection, or follow from the body; Host is the API's own, the encoding what the client decodes.
_NOT_FORWARDED = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"),
    *("upgrade", "host", "content-length", "content-encoding", "accept-encoding"),
}
_API_SECONDS = 30.0  # as long as API Gateway answers


class SecurityHeaders:
    """ASGI middleware: the headers of `infrastructure/console/headers.py` on every answer, instead of the origin's."""

    def __init__(self, app: ASGIApp, stack: Path) -> None:
        self._app = app
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers())
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _headers(self) -> dict[str, str]:
        """On the emulator, sign-in, uploads and signed links are all at one address."""
        description = Description.load(self._stack)
        emulator = [description.aws_endpoint_url] if description else []
        policy = headers.content_security_policy(sign_in=emulator, uploads=[], files=emulator)
        return headers.security_headers(policy)


def create_app(stack: Path, build: Path) -> Starlette:
    """The application. The description of the stack in the folder `stack` is read when it is needed: a stack's console
    has its address before the stack is deployed."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(timeout=_API_SECONDS, trust_env=False) as client:
            app.state.client = client
            yield

    async def get_configuration(_: Request) -> Response:
        caching = {"Cache-Control": headers.cache_control(headers.CONFIGURATION)}
        return JSONResponse(configuration(_running(stack)), headers=caching)

    async def forward(request: Request) -> Response:
        path = request.scope["raw_path"].decode("ascii")
        query = f"?{request.url.query}" if request.url.query else ""
        try:
            answer: httpx.Response = await request.app.state.client.request(
                request.method,
                f"{_running(stack).api_url}{path}{query}",
                headers=_forwarded(request.headers.items()),
                content=await request.body(),
            )
        except httpx.TimeoutException:
            raise HTTPException(504, "The management API did not answer in time.") from None
        except httpx.TransportError:
            raise HTTPException(502, "The management API cannot be reached.") from None
        response = Response(answer.content, answer.status_code)
        for name, value in _forwarded(answer.headers.multi_items()):
            response.headers.append(name, value)
        return response

    return Starlette(
        routes=[
            Route("/api/{path:path}", forward, methods=_METHODS),
            Route(f"/{headers.CONFIGURATION}", get_configuration, methods=["GET"]),
            Mount("/", ConsoleFiles(build)),
        ],
        middleware=[
            Middleware(SecurityHeaders, stack=stack),
            Middleware(LoopbackOnly),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        lifespan=lifespan,
    )


def _running(stack: Path) -> Description:
    description = Description.load(stack)
    if description is None:
        raise HTTPException(503, "The local stack is not up yet.")
    return description


def _forwarded(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in pairs if name.lower() not in _NOT_FORWARDED]
