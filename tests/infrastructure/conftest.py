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


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of the stage `dev` with an administrator, an address for alerts, and a web console elsewhere."""
    said = {"admin_email": "ada@example.com", "alert_email": "ops@example.com"}
    folder = tmp_path_factory.mktemp("told")
    return synthesized(folder, stage="dev", console_origins="https://console.example.com", **said)


@pytest.fixture(scope="session")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of the stage `dev` with a key of its own."""
    return synthesized(tmp_path_factory.mktemp("keyed"), stage="dev", kms="true")


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of the stage `dev` with a key that somebody else made, bare logs, and a share for each function."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    said = {"kms": key, "mask_logs": "false", "reserved_concurrency": "5"}
    return synthesized(tmp_path_factory.mktemp("elsewhere"), stage="dev", **said)
