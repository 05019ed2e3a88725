"""Markers of all tests: `slow` chooses between `make test` and `make test-slow`, `needs` skips on a bare machine."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.programs import skip_without

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("chatflow", deadline=None)
settings.load_profile("chatflow")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            skip_without(name)
