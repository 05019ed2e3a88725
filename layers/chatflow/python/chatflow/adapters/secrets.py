"""Secrets, fetched when first needed and kept for five minutes, so that a rotation needs no deploy."""

from __future__ import annotations

import json
import time
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import NotPublished

KEPT_SECONDS = 300.0
# For a secret that the other side has just refused: it may have been rotated a moment ago. Not 0, so that one that is
# simply wrong does not cost a call to Secrets Manager with each message.
REFUSED_SECONDS = 1.0
_kept: dict[str, tuple[float, str]] = {}


def secret_text(name: str, *, at_most: float = KEPT_SECONDS) -> str:
    """The secret's text, kept for `at_most` seconds. Raises NotPublished when there is no such secret."""
    kept = _kept.get(name)
    if kept and time.monotonic() - kept[0] < at_most:
        return kept[1]
    secrets = client("secretsmanager")
    try:
        text = str(secrets.get_secret_value(SecretId=name)["SecretString"])
    except (secrets.exceptions.ResourceNotFoundException, secrets.exceptions.InvalidRequestException):  # none, deleted
        raise NotPublished(f"there is no secret named {name}; store it in Secrets Manager under that name") from None
    _kept[name] = (time.monotonic(), text)
    return text


def forget(name: str) -> None:
    """Read the secret anew when it is next asked for: whoever it was shown to no longer takes it."""
    _kept.pop(name, None)


def secret_fields(name: str, *, at_most: float = KEPT_SECONDS) -> dict[str, Any]:
    """The secret's JSON object. Raises NotPublished when the secret is missing or holds something else."""
    try:
        fields = json.loads(secret_text(name, at_most=at_most))
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise NotPublished(f"the secret {name} must hold a JSON object")
    return fields
