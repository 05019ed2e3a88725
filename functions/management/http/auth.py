"""The caller of a request: a user of the pool, from the access token that API Gateway has verified."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal

from management.http.problems import Problem

Role = Literal["viewer", "editor", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "editor", "admin")  # each includes those before it


@dataclass(frozen=True)
class Caller:
    """A signed-in user. `roles` are the groups of the user that are roles of this API."""

    name: str
    roles: frozenset[str]

    def has(self, role: Role) -> bool:
        """Whether one of the caller's roles includes this one."""
        return any(each in self.roles for each in ROLES[ROLES.index(role) :])

    def require(self, role: Role) -> None:
        """Raises Problem (forbidden) without this role."""
        if not self.has(role):
            roles = ", ".join(sorted(self.roles)) or "none"
            raise Problem("forbidden", f"this takes the role {role}; yours: {roles}")


_caller: ContextVar[Caller] = ContextVar("caller")


def caller() -> Caller:
    """The caller of the request that is being processed."""
    return _caller.get()


def set_caller(caller: Caller) -> None:
    """Called once for each request, by the API itself."""
    _caller.set(caller)


def identify(event: Mapping[str, Any]) -> Caller:
    """The caller of a request of API Gateway. Raises Problem (unauthorized).

    Only access tokens are accepted. An id token passes the authorizer as well, because its audience is the same
    client, but it identifies a user and grants no access.
    """
    claims = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {}).get("claims", {})
    name = str(claims.get("username") or "")
    if not name or claims.get("token_use") != "access":
        raise Problem("unauthorized", "send the access token of a signed-in user: Authorization: Bearer ...")
    return Caller(name, groups(claims.get("cognito:groups")) & frozenset(ROLES))


def groups(claim: object) -> frozenset[str]:
    """The groups in a claim: a list, the text that API Gateway makes of a list ("[admin editor]"), or "admin,editor".

    Cognito's group names contain no spaces, but may contain commas and brackets: a text in brackets is split at spaces
    only.
    """
    if isinstance(claim, list | tuple):
        return frozenset(str(each) for each in claim)
    text = str(claim or "").strip()
    if not (text.startswith("[") and text.endswith("]")):
        return frozenset(filter(None, (each.strip() for each in text.split(","))))
    try:
        names = json.loads(text)
    except ValueError:
        names = text[1:-1].split()
    return frozenset(str(each) for each in names)
