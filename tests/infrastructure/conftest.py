"""The stack, synthesized once for all tests, as it goes to AWS: a stage that keeps nothing, and one that keeps all."""

from __future__ import annotations

from pathlib import Path

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


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole assembly of the stage `dev`, as app.py makes it for the local stack."""
    folder = tmp_path_factory.mktemp("local")
    synthesized(folder, stage="dev", target="local")
    return folder
