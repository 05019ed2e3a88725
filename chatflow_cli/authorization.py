"""Whose token a call carries: CHATFLOW_TOKEN's, or that of the profile, renewed when it is about to expire."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Protocol

from chatflow_cli.cognito import UserPool
from chatflow_cli.exits import NotLoggedIn, Usage
from chatflow_cli.profiles import Profile, Profiles

_SOON = 60  # seconds: a token that expires within them is renewed before it is used


class Authorization(Protocol):
    def token(self) -> str: ...

    def renewed(self) -> str:
        """Another token, since this one was refused. Raises NotLoggedIn when there is none."""
        ...


def authorization(profiles: Profiles, name: str) -> tuple[str, Authorization]:
    """The address of the API and the token for it; raises NotLoggedIn."""
    profile = profiles.load(name)
    url = os.environ.get("CHATFLOW_URL", "") or (profile.url if profile else "")
    if token := os.environ.get("CHATFLOW_TOKEN", ""):
        if not url:
            raise Usage("CHATFLOW_TOKEN is set, and no address.", advice="Set CHATFLOW_URL, too.")
        return api_url(url), Given(token)
    if profile is None:
        where = "" if name == "default" else f" --profile {name}"
        raise NotLoggedIn("You are not logged in.", advice=f"Log in: chatflow login{where}")
    if api_url(url) != profile.url:
        # A token goes only to the deployment that it was given for.
        raise Usage(
            "CHATFLOW_URL is not the deployment you are logged in to.",
            f"It is {url}; this profile's is {profile.url}.",
            "Unset CHATFLOW_URL, or set CHATFLOW_TOKEN, too.",
        )
    return profile.url, Kept(profiles, name, profile)


def api_url(url: str) -> str:
    """The address under which the operations stand, whichever part of it was given."""
    url = url.rstrip("/")
    return url if url.endswith("/api/v1") else f"{url}/api/v1"


class Given:
    """A token of the environment: for CI. Nobody renews it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        return self._token

    def renewed(self) -> str:
        raise NotLoggedIn("The token is not taken.", "CHATFLOW_TOKEN has expired, or is of another deployment.")


class Kept:
    """The tokens of a profile."""

    def __init__(self, profiles: Profiles, name: str, profile: Profile) -> None:
        self._profiles = profiles
        self._name = name
        self._profile = profile

    def token(self) -> str:
        return self._profile.access_token if self._profile.expires_at > time.time() + _SOON else self.renewed()

    def renewed(self) -> str:
        old = self._profile
        try:
            tokens = UserPool(old.cognito_url, old.client).renew(old.refresh_token)
        except NotLoggedIn as refusal:
            raise NotLoggedIn(
                "Your login has expired.", refusal.detail, f"Log in again: {self._login()}", members=refusal.members
            ) from None
        self._profile = replace(
            old,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or old.refresh_token,
            expires_at=tokens.expires_at,
        )
        self._profiles.save(self._name, self._profile)
        return self._profile.access_token

    def _login(self) -> str:
        return "chatflow login" if self._name == "default" else f"chatflow login --profile {self._name}"
