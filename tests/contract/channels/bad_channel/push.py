"""Breaks what a module `push` promises: it admits strangers, and tells those with a token what is wrong with it."""

from __future__ import annotations

import time
from typing import Any

from chatflow.channels.connections import ConnectRequest
from chatflow.errors import BadSignature


def admit(request: ConnectRequest, secret: dict[str, Any]) -> str:
    if secret and request.query.get("token") == secret["token"]:
        raise BadSignature(f"{secret} is known since {time.time()}")
    return "anybody"
