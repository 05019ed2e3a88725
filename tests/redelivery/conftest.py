"""One deployment for all tests of redelivery."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.redelivery import LocalDeployment, running_deployment


@pytest.fixture(scope="session")
def started_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDeployment]:
    with running_deployment(tmp_path_factory.mktemp("deployment")) as running:
        yield running


@pytest.fixture
def deployment(started_deployment: LocalDeployment) -> Iterator[LocalDeployment]:
    """Activated: the test's own AWS calls go to this deployment."""
    with started_deployment.activated():
        yield started_deployment
