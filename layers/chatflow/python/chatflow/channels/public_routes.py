"""A request to the public routes of a channel, and the answer, for channels with a module `routes`:

answer(request: RouteRequest, secret) -> RouteAnswer                                                              (pure)

Anyone can send such a request. `secret` is that of the account that the path names: a route that hands out or stores
anything checks the request against it first, in constant time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class RouteRequest:
    """Names of headers are lower case. `now` is in seconds since the epoch."""

    method: Literal["GET", "POST"]
    account: str
    path: str  # below the account, without a slash in front
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: int


@dataclass(frozen=True)
class RouteAnswer:
    """A text or JSON. Pages are files of the folder `page`: what a request brings is never shown as one."""

    status: int
    body: str = ""
    json: bool = False
