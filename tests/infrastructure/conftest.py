"""The stack, synthesized once for all tests, as it goes to AWS: a stage that keeps nothing, and one that keeps all."""

from __future__ import annotations

import pytest

from tests.infrastructure.reading import Template, synthesized


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of the stage `dev`."""
    return synthesized(tmp_path_factory.mktemp("dev"), stage="dev")


@pytest.fixture(scope="session")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of the stage `prod`."""
    return synthesized(tmp_path_factory.mktemp("prod"), stage="prod")
