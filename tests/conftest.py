"""Markers of all tests: `slow` chooses between `make test` and `make test-slow`, `needs` skips on a bare machine."""

from __future__ import annotations

import pytest

from tests.programs import skip_without


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            skip_without(name)
