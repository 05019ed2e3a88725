"""The client of a Cognito user pool: plain HTTPS calls that need no AWS credentials.

Source: the API reference of Amazon Cognito user pools (InitiateAuth, RespondToAuthChallenge, RevokeToken).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from chatflow_cli.errors import CommandError, NotAllowed, Unavailable
from chatflow_cli.http_client import http_client

_LOGIN_REFUSED = {"NotAuthorizedException", "UserNotFoundException", "PasswordResetRequiredException"}
_RESPONSE_REJECTED = {
    "CodeMismatchException",
    "ExpiredCodeException",
    "InvalidPasswordException",
    "InvalidParameterException",
}


@dataclass(frozen=True)
class Tokens:
    """`expires_at` is in Unix seconds. A renewal returns no refresh token ("") unless the pool rotates them."""

    access_token: str
    refresh_token: str
    expires_at: int


@dataclass(frozen=True)
class Challenge:
    """What the user pool demands before it issues tokens, such as an authenticator's code."""

    name: str
    session: str
    user: str


class ChallengeRejected(CommandError):
    """The response to a challenge was not accepted; the same challenge may be answered again."""


class UserPool:
    """One app client of a user pool."""

    def __init__(self, url: str, client: str) -> None:
        self._url = url
        self._client = client

    def log_in(self, user: str, password: str) -> Tokens | Challenge:
        """Raises NotAllowed when the name or the password is wrong."""
        parameters = {"USERNAME": user, "PASSWORD": password}
        answer = self._call("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
        return _tokens_or_challenge(answer, user)

    def respond(self, challenge: Challenge, **responses: str) -> Tokens | Challenge:
        """Raises ChallengeRejected when the challenge may be answered again."""
        answer = self._call(
            "RespondToAuthChallenge",
            ChallengeName=challenge.name,
            Session=challenge.session,
            ChallengeResponses={"USERNAME": challenge.user, **responses},
        )
        return _tokens_or_challenge(answer, challenge.user)

    def renew(self, refresh_token: str) -> Tokens:
        """Raises NotAllowed when the refresh token has expired or was revoked."""
        parameters = {"REFRESH_TOKEN": refresh_token}
        answer = self._call("InitiateAuth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)
        tokens = _tokens_or_challenge(answer, "")
        if isinstance(tokens, Challenge):
            raise NotAllowed("The user pool wants to see you again.", advice="Log in again: chatflow login")
        return tokens

    def revoke(self, refresh_token: str) -> None:
        """Make a refresh token worthless."""
        self._call("RevokeToken", Token=refresh_token)

    def _call(self, operation: str, **members: Any) -> dict[str, Any]:
        import httpx

        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        body = json.dumps({**members, "ClientId": self._client})
        try:
            with http_client(self._url) as http:
                response = http.post(self._url, content=body, headers=headers)
            answer = response.json() if response.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(
                "The user pool does not answer.", f"{self._url}: {error}", "Check the region and the network."
            ) from None
        if response.is_success:
            return dict(answer)
        raise _error(answer, self._url)


def _tokens_or_challenge(answer: dict[str, Any], user: str) -> Tokens | Challenge:
    if result := answer.get("AuthenticationResult"):
        expires_at = int(time.time()) + int(result.get("ExpiresIn", 3600))
        return Tokens(result["AccessToken"], result.get("RefreshToken", ""), expires_at)
    # The pool may know the user by another name than the one that was typed.
    user_id = answer.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP", user)
    return Challenge(answer.get("ChallengeName", ""), answer.get("Session", ""), user_id)


def _error(answer: Any, url: str) -> CommandError:
    members = answer if isinstance(answer, dict) else {}
    kind = str(members.get("__type", "")).rpartition("#")[2]
    message = str(members.get("message") or members.get("Message") or kind or "no reason given")
    if kind in _RESPONSE_REJECTED:
        return ChallengeRejected("That was not taken.", message)
    if kind in _LOGIN_REFUSED:
        return NotAllowed("You are not logged in.", message, "Check the name and the password, or ask an admin.")
    if kind == "ResourceNotFoundException":
        return NotAllowed("The user pool does not know this client.", message, "Check --client and --region.")
    return Unavailable("The user pool refused.", f"{url}: {message}")
