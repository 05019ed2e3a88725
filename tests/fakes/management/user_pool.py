"""A fake Cognito user pool: logging in with a password and two challenges, and tokens that expire and are renewed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

CLIENT = "client-1"
Answer = tuple[int, dict[str, Any]]


@dataclass
class User:
    password: str
    roles: list[str] = field(default_factory=lambda: ["admin"])
    temporary: bool = False  # the password must be changed at the first login
    code: str = ""  # of the authenticator, "" without one


@dataclass
class UserPool:
    """The users and the valid tokens. `lifetime` of a token is in seconds."""

    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # access token -> name
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    lifetime: int = 1800
    operations: list[str] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def name_behind(self, token: str) -> str:
        return self.tokens.get(token, "")

    def roles_of(self, name: str) -> list[str]:
        return self.users[name].roles

    def answer(self, operation: str, body: dict[str, Any]) -> Answer:
        self.operations.append(operation)
        if body.get("ClientId") != CLIENT:
            return _fault("ResourceNotFoundException", "User pool client does not exist.")
        if operation == "RevokeToken":
            self.refresh_tokens.pop(body["Token"], None)
            return 200, {}
        if operation == "RespondToAuthChallenge":
            return self._challenged(body)
        given = body["AuthParameters"]
        if body["AuthFlow"] == "REFRESH_TOKEN_AUTH":
            name = self.refresh_tokens.get(given["REFRESH_TOKEN"], "")
            return (
                self._tokens(name, fresh=False) if name else _fault("NotAuthorizedException", "Invalid Refresh Token")
            )
        user = self.users.get(given["USERNAME"])
        if user is None or user.password != given["PASSWORD"]:
            return _fault("NotAuthorizedException", "Incorrect username or password.")
        return self._next(given["USERNAME"], user)

    def _next(self, name: str, user: User, *, code_given: bool = False) -> Answer:
        if user.temporary:
            return _challenge("NEW_PASSWORD_REQUIRED", name)
        if user.code and not code_given:
            return _challenge("SOFTWARE_TOKEN_MFA", name)
        return self._tokens(name, fresh=True)

    def _challenged(self, body: dict[str, Any]) -> Answer:
        given = body["ChallengeResponses"]
        name = given["USERNAME"]
        user = self.users[name]
        assert body["Session"] == f"session of {name}"
        if body["ChallengeName"] == "NEW_PASSWORD_REQUIRED":
            if len(given["NEW_PASSWORD"]) < 12:
                return _fault("InvalidPasswordException", "Password did not conform with policy: too short")
            user.password, user.temporary = given["NEW_PASSWORD"], False
            return self._next(name, user)
        if given["SOFTWARE_TOKEN_MFA_CODE"] != user.code:
            return _fault("CodeMismatchException", "Invalid code received for user")
        return self._next(name, user, code_given=True)

    def _tokens(self, name: str, *, fresh: bool) -> Answer:
        access = f"access-{next(self._numbers)}"
        self.tokens[access] = name
        result = {"AccessToken": access, "ExpiresIn": self.lifetime, "TokenType": "Bearer"}
        if fresh:
            result["RefreshToken"] = f"refresh-{next(self._numbers)}"
            self.refresh_tokens[str(result["RefreshToken"])] = name
        return 200, {"AuthenticationResult": result, "ChallengeParameters": {}}


def _challenge(kind: str, name: str) -> Answer:
    return 200, {
        "ChallengeName": kind,
        "Session": f"session of {name}",
        "ChallengeParameters": {"USER_ID_FOR_SRP": name},
    }


def _fault(kind: str, message: str) -> Answer:
    return 400, {"__type": kind, "message": message}
