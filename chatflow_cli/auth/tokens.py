"""Provides the access token for calls: from CHATFLOW_TOKEN, or from a profile and renewed shortly before it expires."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Protocol

from chatflow_cli.auth.cognito import UserPool
from chatflow_cli.auth.deployments import api_url
from chatflow_cli.auth.profiles import Profile, Profiles
from chatflow_cli.errors import NotAllowed, UsageError

_RENEW_BEFORE = 60  # seconds before its expiry at which a token is renewed


class TokenSource(Protocol):
    def token(self) -> str: ...

    def renew(self) -> str:
        """Get another token after this one was refused. Raises NotAllowed if that is not possible."""
        ...


def api_access(profiles: Profiles, name: str) -> tuple[str, TokenSource]:
    """The API's address and its tokens, from the environment or the profile. Raises NotAllowed and UsageError."""
    profile = profiles.load(name)
    url = os.environ.get("CHATFLOW_URL", "") or (profile.url if profile else "")
    if token := os.environ.get("CHATFLOW_TOKEN", ""):
        if not url:
            raise UsageError("CHATFLOW_TOKEN is set, and no address.", advice="Set CHATFLOW_URL, too.")
        return api_url(url), EnvironmentToken(token)
    if profile is None:
        raise NotAllowed("You are not logged in.", advice=f"Log in: {_login_command(name)}")
    if api_url(url) != profile.url:
        # A token is sent only to the deployment that issued it.
        raise UsageError(
            "CHATFLOW_URL is not the deployment you are logged in to.",
            f"It is {url}; this profile's is {profile.url}.",
            "Unset CHATFLOW_URL, or set CHATFLOW_TOKEN, too.",
        )
    return profile.url, ProfileTokens(profiles, name, profile)


class EnvironmentToken:
    """The token in CHATFLOW_TOKEN, for CI. It cannot be renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        return self._token

    def renew(self) -> str:
        raise NotAllowed("The token is not taken.", "CHATFLOW_TOKEN has expired, or is of another deployment.")


class ProfileTokens:
    """The tokens of a profile. A renewed token is saved to it."""

    def __init__(self, profiles: Profiles, name: str, profile: Profile) -> None:
        self._profiles = profiles
        self._name = name
        self._profile = profile

    def token(self) -> str:
        expires_soon = self._profile.expires_at <= time.time() + _RENEW_BEFORE
        return self.renew() if expires_soon else self._profile.access_token

    def renew(self) -> str:
        old = self._profile
        try:
            tokens = UserPool(old.cognito_url, old.client).renew(old.refresh_token)
        except NotAllowed as refusal:
            raise NotAllowed(
                "Your login has expired.",
                refusal.detail,
                f"Log in again: {_login_command(self._name)}",
                members=refusal.members,
            ) from None
        self._profile = replace(
            old,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or old.refresh_token,
            expires_at=tokens.expires_at,
        )
        self._profiles.save(self._name, self._profile)
        return self._profile.access_token


def _login_command(profile: str) -> str:
    return "chatflow login" if profile == "default" else f"chatflow login --profile {profile}"
