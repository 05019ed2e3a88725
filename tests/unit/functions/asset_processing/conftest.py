"""A library that begins empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.library import FakeLibrary, library_on_moto


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLibrary]:
    with library_on_moto(monkeypatch) as made:
        yield made
