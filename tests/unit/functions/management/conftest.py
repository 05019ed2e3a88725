"""The management API of a test, its dependencies, and its users by role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from management.api import ManagementApi
from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient, InMemoryAudit, NoIdempotency
from tests.fakes.flow_folders import FlowFolder
from tests.fakes.management_dependencies import some_dependencies
from tests.fakes.publishing_tables import Published, published


@pytest.fixture
def audit() -> InMemoryAudit:
    return InMemoryAudit()


@pytest.fixture
def dependencies(audit: InMemoryAudit) -> Dependencies:
    """The dependencies of the API. A test module that needs more fakes overrides this fixture with `with_fakes`."""
    return some_dependencies(clock=lambda: 1795370400.0, audit=audit, idempotency=NoIdempotency())


@pytest.fixture
def api(dependencies: Dependencies) -> ManagementApi:
    return ManagementApi(dependencies)


@pytest.fixture
def admin(api: ManagementApi) -> ApiClient:
    return ApiClient(api, "[admin]")


@pytest.fixture
def editor(api: ManagementApi) -> ApiClient:
    return ApiClient(api, "[editor]")


@pytest.fixture
def viewer(api: ManagementApi) -> ApiClient:
    return ApiClient(api, "[viewer]")


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Published]:
    """A valid project (tests/unit/chatflow/flows/sound) that a deploy has published, and the tables that hold it."""
    with published(monkeypatch) as tables:
        tables.deploy_once("library", lambda: FlowFolder(tmp_path / "flows").project())
        yield tables
