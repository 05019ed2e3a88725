"""Further numbers, each of an app of its own: another token, another app secret, another webhook.

Meta serves all numbers at one host. So a call to the Graph API reaches the number that its path names, else the one
whose token it carries; a number refuses another's token. Everything else of a further number is below its own path.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.simulator.control_api import json_object
from local.simulator.simulator import ControlError
from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.simulator import WhatsAppSimulator, whatsapp_of

_PATH: Final = "/handset/numbers"
_REQUIRED: Final = ("phone_number_id", "access_token", "app_secret", "verify_token")

CreateApp = Callable[[Settings], Starlette]


class OtherNumbers:
    """ASGI middleware that serves further numbers beside the application of the first one."""

    def __init__(self, app: ASGIApp, first: WhatsAppSimulator) -> None:
        self._app = app
        self._first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        others = self._first.other_numbers
        if scope["type"] != "http" or not others:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if found := re.fullmatch(rf"{_PATH}/(\d+)(/.*)", path):
            if found[1] in others:
                scope = {**scope, "path": found[2], "raw_path": found[2].encode()}
                await others[found[1]](scope, receive, send)
                return
        elif found := re.match(r"/v\d+\.\d+/(\d+)", path):
            token = Headers(scope=scope).get("authorization", "").removeprefix("Bearer ")
            owners = [id for id, other in others.items() if other.state.simulator.settings.access_token == token]
            named = found[1] if found[1] in others else ""
            if number := named or ("" if self._first.settings.serves(found[1]) else next(iter(owners), "")):
                await others[number](scope, receive, send)
                return
        await self._app(scope, receive, send)


def add_other_numbers(app: Starlette, create_app: CreateApp) -> Starlette:
    """Let the application of the first number serve further ones, which `create_app` makes."""

    async def post_number(request: Request) -> Response:
        """Add a number: `phone_number_id access_token app_secret verify_token`, and any other setting.

        The answer is the `url` of its control API.
        """
        first, body = whatsapp_of(request), await json_object(request)
        if missing := [name for name in _REQUIRED if not isinstance(body.get(name), str) or not body[name]]:
            raise ControlError(f"A number needs {', '.join(missing)}")
        id = body["phone_number_id"]
        if first.settings.serves(id) or id in first.other_numbers or not id.isdigit():
            raise ControlError(f"{id!r} is no id of a further number")
        url = f"{first.settings.public_url}{_PATH}/{id}"
        settings = Settings(**{name: body.pop(name) for name in _REQUIRED}, public_url=url)
        settings.data, settings.samples = first.settings.data / id, first.settings.samples
        settings.update(body)
        first.other_numbers[id] = create_app(settings)
        return JSONResponse({"url": url}, 201)

    app.router.routes.append(Route(_PATH, post_number, methods=["POST"]))
    app.add_middleware(OtherNumbers, first=app.state.simulator)
    return app
