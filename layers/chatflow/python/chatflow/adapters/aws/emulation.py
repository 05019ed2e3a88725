"""Whether an emulator plays AWS, by the environment."""

from __future__ import annotations

import os


def is_emulated() -> bool:
    """Whether one server plays all services: it has no host names for buckets and operations."""
    return bool(os.environ.get("AWS_ENDPOINT_URL")) and not ignores_endpoints()


def ignores_endpoints() -> bool:
    """Whether the endpoints that the environment names do not count."""
    return os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
