"""Who is asking: a user of the pool, as the token that API Gateway has verified says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal

from management.http.problems import Problem

Role = Literal["viewer", "editor", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "editor", "admin")  # each may do all that those before it may


@dataclass(frozen=True)
class Caller:
    """A signed-in user. `roles` are those of the user's groups that mean something here."""

    name: str
    roles: frozenset[str]

    def may(self, role: Role) -> bool:
        """Whether one of the caller's roles includes this one."""
        return any(given in self.roles for given in ROLES[ROLES.index(role) :])

    def require(self, role: Role) -> None:
        """Raises Problem (forbidden)."""
        if not self.may(role):
            has = ", ".join(sorted(self.roles)) or "none"
            raise Problem("forbidden", f"this takes the role {role}; yours: {has}")


_calling: ContextVar[Caller] = ContextVar("calling")


def caller() -> Caller:
    """Who sent the request that is being answered."""
    return _calling.get()


def set_caller(caller: Caller) -> None:
    """Called once for each request, by the API itself."""
    _calling.set(caller)


def identify(event: Mapping[str, Any]) -> Caller:
    """The caller of a request of API Gateway. Raises Problem (unauthorized).

    An id token passes the authorizer as well (its audience is the same client), but it says who someone is, not what
    they may do here: only access tokens are taken.
    """
    claims = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {}).get("claims", {})
    name = str(claims.get("username") or "")
    if not name or claims.get("token_use") != "access":
        raise Problem("unauthorized", "send the access token of a signed-in user: Authorization: Bearer ...")
    return Caller(name, groups(claims.get("cognito:groups")) & frozenset(ROLES))


def groups(claim: object) -> frozenset[str]:
    """The groups in a claim: a list, or the texts that API Gateway makes of one ("[admin editor]"), or "admin,editor".

    Cognito's group names hold no space, but may hold commas and brackets: a bracketed text is cut at spaces alone.
    """
    if isinstance(claim, list | tuple):
        return frozenset(str(each) for each in claim)
    text = str(claim or "").strip()
    if not (text.startswith("[") and text.endswith("]")):
        return frozenset(filter(None, (each.strip() for each in text.split(","))))
    try:
        listed = json.loads(text)
    except ValueError:
        listed = text[1:-1].split()
    return frozenset(str(each) for each in listed)
