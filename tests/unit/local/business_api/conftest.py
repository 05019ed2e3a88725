"""One business system, served over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from local.processes import BackgroundProcess

TOKEN = "the-token"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("business")
    part = BackgroundProcess("business", "local.business_api", folder)
    process = part.start("--port", "0", "--data", str(folder / "data"), "--token", TOKEN)
    try:
        yield part.wait_for_address(process)["url"]
    finally:
        part.stop()


@pytest.fixture
def business(served: str) -> Iterator[httpx.Client]:
    """A client with the right token, on a system without uploads, faults and log."""
    with httpx.Client(base_url=served, headers={"authorization": f"Bearer {TOKEN}"}, timeout=20) as client:
        for path in ("/api/uploads", "/api/faults", "/api/requests"):
            client.delete(path).raise_for_status()
        yield client
