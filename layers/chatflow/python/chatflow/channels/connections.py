"""WebSocket connections of contacts, for channels whose manifest requests `push`: a browser that waits for messages.

A browser connects to the deployment's address `PushUrl`, with `?channel=<channel>&account=<account>` and whatever else
the channel's module `push` needs to decide:

admit(request: ConnectRequest, secret) -> contact                                                                 (pure)

Anyone can send such a request. `secret` is that of the account that the request names. The module returns the address
of the contact that the request is proven to come from: the one that names the contact's conversation, so what its
webhook's messages carry as `identity`, or else as `contact`. It raises BadSignature for every other request, and
compares in constant time.

A browser's WebSocket sends no header of ours, so the proof is in the query, which browsers and proxies store: a token
that is signed with a field of the account's secret, and lasts for minutes. It is no cookie, so a page of another
origin cannot use it; a channel may compare the header `origin` all the same. The deployment logs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

# The most that one push holds, in bytes. AWS, "Quotas for configuring and running a WebSocket API in API Gateway":
# 128 KB a message, 32 KB a frame, which holds for @connections, too. We send one frame.
MAX_BYTES: Final = 32 * 1024

# push(body) -> the number of connections reached, 0 when the contact has none open. It reaches the contact of the
# conversation that the client was created for, and no other. A browser that was away missed it: the channel's page
# asks for what it missed. Raises TooLarge; ChannelUnavailable when nothing was pushed because of a limit or an outage;
# InDoubt when it may have been.
Push = Callable[[bytes], int]


@dataclass(frozen=True)
class ConnectRequest:
    """Names of headers are lower case. `now` is in seconds since the epoch."""

    account: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    now: int
