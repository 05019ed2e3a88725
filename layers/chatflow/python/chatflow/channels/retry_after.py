"""The HTTP header Retry-After, as channels send it: a number of seconds. Pure."""

from __future__ import annotations

from collections.abc import Mapping


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds to wait, 0 where the header is missing, is a date or is no sensible number."""
    value = headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0.0
