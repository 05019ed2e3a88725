"""Says to who knows the whistle how a letter was brought. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chatflow.channels.public_routes import RouteAnswer, RouteRequest
from chatflow.errors import InvalidInput

from .webhook import verify


def answer(request: RouteRequest, secret: Mapping[str, Any]) -> RouteAnswer:
    verify(request.headers, request.body, secret)
    if request.path != "letters/last":
        return RouteAnswer(404)
    if request.method == "POST" and not request.body:
        raise InvalidInput("an empty letter")
    return RouteAnswer(200, json.dumps({"loft": request.account, "bytes": len(request.body)}), json=True)
