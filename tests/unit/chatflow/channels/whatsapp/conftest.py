"""The versions of the Graph API that the channel is tested at."""

from __future__ import annotations

import pytest

from chatflow.settings import channel_versions
from tests.unit.chatflow.channels.whatsapp.examples import VERSIONS


@pytest.fixture(params=VERSIONS)
def graph_version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test once at each version, chosen as a deployment chooses it."""
    version = str(request.param)
    for name, value in channel_versions({"whatsapp": version}).items():
        monkeypatch.setenv(name, value)
    return version
