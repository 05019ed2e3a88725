"""One house for all tests of redelivery."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.redelivery import House, running_house


@pytest.fixture(scope="session")
def built_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_house(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture
def house(built_house: House) -> Iterator[House]:
    """Entered: what the test itself asks of AWS, it asks of this house."""
    with built_house.entered():
        yield built_house
