"""Decides whether a browser may open a WebSocket connection, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatflow.channels import manifest
from chatflow.channels.connections import ConnectRequest
from chatflow.errors import BadSignature, NotConnected

# After a refusal, the secret is read again if it is older than this, as it may have been rotated. A sender of bad
# tokens must not be able to cause a call to Secrets Manager with each request.
_RECHECK_SECONDS = 30.0

Secret = Callable[[float | None], Mapping[str, Any]]  # read no more than so many seconds ago; None: as usual


@dataclass(frozen=True)
class Admission:
    """The answer to a request. `contact` is "" unless the status is 200; `problem` is a word for the log."""

    status: int
    contact: str = ""
    problem: str = ""


def admit(channel: str, request: ConnectRequest, secret: Secret) -> Admission:
    """What the channel's module `push` decides.

    404 for a channel that requests no `push` and for an account that is not connected, 401 for what the module refuses.
    Raises what `secret` raises otherwise.
    """
    if channel not in manifest.names() or "push" not in manifest.load(channel).infrastructure:
        return Admission(404, problem="no_push")
    module = manifest.part(channel, "push")
    try:
        known = secret(None)
        try:
            contact = module.admit(request, known)
        except BadSignature:
            fresh = secret(_RECHECK_SECONDS)
            if fresh == known:
                raise
            contact = module.admit(request, fresh)
    except NotConnected:
        return Admission(404, problem="unknown_account")
    except BadSignature:
        return Admission(401, problem="not_admitted")
    return Admission(200, contact)
