"""Logging in with a user pool: plain HTTPS calls that need no AWS credentials.

Source: the API reference of Amazon Cognito user pools (InitiateAuth, RespondToAuthChallenge, RevokeToken).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from chatflow_cli.exits import Failure, NotLoggedIn, Unavailable

_REFUSED = {"NotAuthorizedException", "UserNotFoundException", "PasswordResetRequiredException"}
_MISTYPED = {"CodeMismatchException", "ExpiredCodeException", "InvalidPasswordException", "InvalidParameterException"}


@dataclass(frozen=True)
class Tokens:
    """`expires_at` is in Unix seconds; a renewal brings no refresh token, unless the pool rotates them."""

    access_token: str
    refresh_token: str
    expires_at: int


@dataclass(frozen=True)
class Challenge:
    """What the user pool wants to know before it gives tokens."""

    name: str
    session: str
    user: str


class Mistyped(Failure):
    """The answer to a challenge was not taken; it may be asked again."""


class UserPool:
    """One app client of a user pool."""

    def __init__(self, url: str, client: str) -> None:
        self._url = url
        self._client = client

    def log_in(self, user: str, password: str) -> Tokens | Challenge:
        """Raises NotLoggedIn when the name or the password is wrong."""
        given = {"USERNAME": user, "PASSWORD": password}
        return self._tokens(self._asked("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given), user)

    def answer(self, challenge: Challenge, **answers: str) -> Tokens | Challenge:
        """Raises Mistyped when it may be answered again."""
        given = {"USERNAME": challenge.user, **answers}
        answer = self._asked(
            "RespondToAuthChallenge", ChallengeName=challenge.name, Session=challenge.session, ChallengeResponses=given
        )
        return self._tokens(answer, challenge.user)

    def renew(self, refresh_token: str) -> Tokens:
        """Raises NotLoggedIn when the refresh token is worth nothing any more."""
        given = {"REFRESH_TOKEN": refresh_token}
        tokens = self._tokens(self._asked("InitiateAuth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=given), "")
        if isinstance(tokens, Challenge):
            raise NotLoggedIn("The user pool wants to see you again.", advice="Log in again: chatflow login")
        return tokens

    def revoke(self, refresh_token: str) -> None:
        """From now on nobody gets tokens for it."""
        self._asked("RevokeToken", Token=refresh_token)

    def _tokens(self, answer: dict[str, Any], user: str) -> Tokens | Challenge:
        if result := answer.get("AuthenticationResult"):
            expires_at = int(time.time()) + int(result.get("ExpiresIn", 3600))
            return Tokens(result["AccessToken"], result.get("RefreshToken", ""), expires_at)
        # A pool may know the user under another name than the one that was typed.
        known = answer.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP", user)
        return Challenge(answer.get("ChallengeName", ""), answer.get("Session", ""), known)

    def _asked(self, operation: str, **members: Any) -> dict[str, Any]:
        import httpx

        from chatflow_cli.connections import opened

        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        body = json.dumps({**members, "ClientId": self._client})
        try:
            with opened(self._url) as http:
                response = http.post(self._url, content=body, headers=headers)
            answer = response.json() if response.content else {}
        except (httpx.HTTPError, ValueError) as problem:
            raise Unavailable(
                "The user pool does not answer.", f"{self._url}: {problem}", "Check the region and the network."
            ) from None
        if response.is_success:
            return dict(answer)
        raise _refusal(answer, self._url)


def _refusal(answer: Any, url: str) -> Failure:
    fault = answer if isinstance(answer, dict) else {}
    kind = str(fault.get("__type", "")).rpartition("#")[2]
    words = str(fault.get("message") or fault.get("Message") or kind or "no reason given")
    if kind in _MISTYPED:
        return Mistyped("That was not taken.", words)
    if kind in _REFUSED:
        return NotLoggedIn("You are not logged in.", words, "Check the name and the password, or ask an admin.")
    if kind == "ResourceNotFoundException":
        return NotLoggedIn("The user pool does not know this client.", words, "Check --client and --region.")
    return Unavailable("The user pool refused.", f"{url}: {words}")
