"""Finds the programs that some tests need and a bare machine lacks."""

from __future__ import annotations

import os
import shutil
from typing import Final, NoReturn

import pytest

# Set by .ci/run, which installs every program: a test that lacks one fails there instead of being skipped.
REQUIRED: Final = "CHATFLOW_REQUIRE_PROGRAMS"
# Debian puts clamd and ip where only root's PATH leads.
PATH: Final = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin", "/usr/local/sbin"))
_PACKAGES: Final = {"clamd": "clamav-daemon", "chromium": "chromium", "ip": "iproute2"}
_NAMES: Final = {"chromium": ("chromium", "chromium-browser", "google-chrome")}


def program(name: str) -> str | None:
    """The path of `clamd`, `chromium` or `ip`; None when it is not installed."""
    return next(filter(None, (shutil.which(each, path=PATH) for each in _NAMES.get(name, (name,)))), None)


def skip_without(name: str) -> None:
    """Skip the test that runs, as `skip` does, when the program is not installed."""
    if program(name) is None:
        skip(f"needs {name}: install Debian's package {_PACKAGES[name]}")


def skip(reason: str) -> NoReturn:
    """Skip the test that runs; fail it where every program is required."""
    if os.environ.get(REQUIRED):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
