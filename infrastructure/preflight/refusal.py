"""Why a deploy is not begun."""

from __future__ import annotations


class Refusal(Exception):
    """The deploy would fail, or do harm. The message says why, and what to do."""
