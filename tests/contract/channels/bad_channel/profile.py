"""Breaks what a profile promises: a format that nobody knows, and no room for it."""

from __future__ import annotations

from chatflow.media.profiles import Profile

PROFILE = Profile("bad", {"scroll": 0})
