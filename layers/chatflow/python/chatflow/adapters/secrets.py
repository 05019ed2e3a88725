"""Reads secrets from Secrets Manager and caches them for five minutes, so that a rotation needs no deployment."""

from __future__ import annotations

import json
import time
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import NotPublished

CACHE_SECONDS = 300.0
# The cache time of a secret that the other side has just refused: it may have been rotated a moment ago. Not 0, so that
# a wrong secret does not cost a call to Secrets Manager with each message.
REFUSED_SECONDS = 1.0
_cache: dict[str, tuple[float, str]] = {}  # the time of reading (monotonic) and the text, by name


def secret_text(name: str, *, max_age: float = CACHE_SECONDS) -> str:
    """The secret's text, read no more than `max_age` seconds ago. Raises NotPublished when there is no such secret."""
    cached = _cache.get(name)
    if cached and time.monotonic() - cached[0] < max_age:
        return cached[1]
    secrets = client("secretsmanager")
    try:
        text = str(secrets.get_secret_value(SecretId=name)["SecretString"])
    except (
        secrets.exceptions.ResourceNotFoundException,
        secrets.exceptions.InvalidRequestException,
    ):  # missing, deleted
        raise NotPublished(f"there is no secret named {name}; store it in Secrets Manager under that name") from None
    _cache[name] = (time.monotonic(), text)
    return text


def drop_cached(name: str) -> None:
    """Read the secret from Secrets Manager the next time: the other side no longer accepts the cached one."""
    _cache.pop(name, None)


def secret_fields(name: str, *, max_age: float = CACHE_SECONDS) -> dict[str, Any]:
    """The secret's JSON object, read no more than `max_age` seconds ago.

    Raises NotPublished when the secret is missing or holds something else.
    """
    try:
        fields = json.loads(secret_text(name, max_age=max_age))
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise NotPublished(f"the secret {name} must hold a JSON object")
    return fields
