"""Reads secrets from Secrets Manager and caches them for five minutes, so that a rotation needs no deployment."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import NotPublished, Unavailable

CACHE_SECONDS = 300.0
# The cache time of a secret that the other side has just refused: it may have been rotated a moment ago. Not 0, so that
# a wrong secret does not cost a call to Secrets Manager with each message.
REFUSED_SECONDS = 1.0
# Names that do not exist and are remembered. More than `channel_accounts` lets strangers ask for in CACHE_SECONDS.
_MOST_ABSENT = 2000
_DENIED = "AccessDeniedException"  # also for the key that encrypts the secret


@dataclass(frozen=True)
class _Read:
    """What a call found. `at`: monotonic seconds. `text`: None for no secret; `deleted`: it can still be recovered."""

    at: float
    text: str | None
    deleted: bool = False


_cache: dict[str, _Read] = {}  # by name


class NoSecret(NotPublished):
    """There is no secret of that name. `deleted`: there was one, which can still be recovered."""

    def __init__(self, name: str, *, deleted: bool) -> None:
        super().__init__(f"there is no secret named {name}; store it in Secrets Manager under that name")
        self.deleted = deleted


def secret_text(name: str, *, max_age: float = CACHE_SECONDS, absent_for: float = 0.0) -> str:
    """The secret's text, read no more than `max_age` seconds ago.

    Raises NoSecret when there is no such secret, or there was none no more than `absent_for` seconds ago; Unavailable
    when AWS denies the access: a policy that a deploy has just changed takes effect everywhere within a minute or so.
    """
    found = _fresh(name, max_age, absent_for)
    if found is None:
        secrets = client("secretsmanager")
        try:
            found = _Read(time.monotonic(), str(secrets.get_secret_value(SecretId=name)["SecretString"]))
        except secrets.exceptions.ResourceNotFoundException:
            found = _Read(time.monotonic(), None)
        except secrets.exceptions.InvalidRequestException:
            found = _Read(time.monotonic(), None, deleted=True)
        except secrets.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != _DENIED:
                raise
            raise Unavailable(
                f"the secret {name} may not be read; unless a deploy has just changed that, see the role's policy and "
                "that of the secret's key"
            ) from error
        _remember(name, found)
    if found.text is None:
        raise NoSecret(name, deleted=found.deleted)
    return found.text


def is_known(name: str, *, absent_for: float) -> bool:
    """Whether this process has read the secret, however long ago, or found none no more than `absent_for` seconds ago.

    So a look-up of a name that is not known may be one of a name that does not exist.
    """
    return _fresh(name, float("inf"), absent_for) is not None


def drop_cached(name: str) -> None:
    """Read the secret from Secrets Manager the next time: the other side no longer accepts the cached one."""
    _cache.pop(name, None)


def secret_fields(name: str, *, max_age: float = CACHE_SECONDS, absent_for: float = 0.0) -> dict[str, Any]:
    """The secret's JSON object, read no more than `max_age` seconds ago.

    Raises NoSecret as `secret_text` does, NotPublished when the secret holds something else.
    """
    try:
        fields = json.loads(secret_text(name, max_age=max_age, absent_for=absent_for))
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise NotPublished(f"the secret {name} must hold a JSON object")
    return fields


def _fresh(name: str, max_age: float, absent_for: float) -> _Read | None:
    cached = _cache.get(name)
    if cached is None or time.monotonic() - cached.at >= (absent_for if cached.text is None else max_age):
        return None
    return cached


def _remember(name: str, found: _Read) -> None:
    _cache.pop(name, None)  # so that the oldest stand first
    if found.text is None and len(_cache) >= _MOST_ABSENT:
        _cache.pop(next((each for each, read in _cache.items() if read.text is None), ""), None)
    _cache[name] = found
