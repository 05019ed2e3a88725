"""The talk between a person and the user pool, until there are tokens."""

from __future__ import annotations

import sys

from chatflow_cli.cognito import Challenge, Mistyped, Tokens, UserPool
from chatflow_cli.deployments import Deployment
from chatflow_cli.desk import answer
from chatflow_cli.exits import NotLoggedIn
from chatflow_cli.profiles import Profile

_TRIES = 3


def logged_in(there: Deployment, user: str, password: str) -> Profile:
    """Ask for what is not known; raises NotLoggedIn when the user pool refuses."""
    user = user or answer("Name")
    pool = UserPool(there.cognito_url, there.client)
    outcome = pool.log_in(user, password or answer("Password", hidden=True))
    while isinstance(outcome, Challenge):
        outcome = _answered(pool, outcome)
    return Profile(
        url=there.url,
        cognito_url=there.cognito_url,
        client=there.client,
        user=user,
        access_token=outcome.access_token,
        refresh_token=outcome.refresh_token,
        expires_at=outcome.expires_at,
    )


def _answered(pool: UserPool, challenge: Challenge) -> Tokens | Challenge:
    tries = _TRIES if sys.stdin.isatty() else 1
    while True:
        tries -= 1
        try:
            return pool.answer(challenge, **_asked(challenge))
        except Mistyped as refusal:
            if not tries:
                raise NotLoggedIn("You are not logged in.", refusal.detail) from None
            sys.stderr.write(f"{refusal.detail}\n")


def _asked(challenge: Challenge) -> dict[str, str]:
    if challenge.name == "NEW_PASSWORD_REQUIRED":
        return {"NEW_PASSWORD": _new_password()}
    if challenge.name == "SOFTWARE_TOKEN_MFA":
        return {"SOFTWARE_TOKEN_MFA_CODE": answer("Code of your authenticator")}
    raise NotLoggedIn(
        "You are not logged in.",
        f"The user pool asks for {challenge.name}, which this command cannot answer.",
        "Log in without it, or have an admin change how you log in.",
    )


def _new_password() -> str:
    """Typed twice where nobody sees what is typed."""
    while True:
        first = answer("The first login needs a password of your own. New password", hidden=True)
        if not sys.stdin.isatty() or answer("Once more", hidden=True) == first:
            return first
        sys.stderr.write("These were two different ones.\n")
