"""Dependencies for trials: real HTTP to loopback, secrets in memory, an asset library of one file on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.adapters.http.integration_calls import RetryClock
from chatflow.errors import NotPublished
from chatflow.integrations.secret_hosts import BusinessSecret
from chatflow.streams import ExactLengthStream
from integration_trial.dependencies import Dependencies
from integration_trial.run import run_trial
from integration_trial.store import TrialStore
from tests.fakes.sources import Source

SECRET = 'to/ken+ü"1 2&3=='
PDF = b"%PDF-1.4\n" + b"x" * 500 + b"\n%%EOF\n"
LEAFLET = {
    "key": "asset/abc",
    "sha256": "0" * 64,
    "size": len(PDF),
    "mime": "application/pdf",
    "kind": "document",
    "filename": "leaflet.pdf",
    "caption": "",
}


class LibraryOfOne(TrialStore):
    """The leaflet is in it."""

    @contextmanager
    def open(self, key: str) -> Iterator[ExactLengthStream]:
        assert key == "asset/abc"
        yield ExactLengthStream(Source(PDF), len(PDF))


@dataclass
class Trials:
    """Tries integrations that call loopback."""

    folder: Path
    private: frozenset[str] = frozenset()
    hosts: frozenset[str] | None = None  # that may receive the secret

    def __call__(self, url: str, parameters: dict[str, Any] | None = None, **asked: Any) -> dict[str, Any]:
        """`asked`: `save_as`, `exits`, and fields of the integration."""
        own = {name: asked.pop(name) for name in ("save_as", "exits") if name in asked}
        integration = {
            "name": "claims-upload",
            "method": "POST",
            "url": url,
            "headers": {"Authorization": "Bearer [[secret:token]]"},
            "query": {},
            "request": {"content_type": "", "parts": [], "body": None, "fields": {}},
            "response": {
                "content_type": "application/json",
                "base_element": "$",
                "element_validation": "HTTP_RESPONSE_CODE",
                "success": [],
                "filename": "",
            },
            "timeout": 5.0,
            "retry": {"attempts": 1},
            **asked,
        }
        return run_trial({"integration": integration, "parameters": parameters or {}, **own}, self._dependencies())

    def _dependencies(self) -> Dependencies:
        @contextmanager
        def store() -> Iterator[LibraryOfOne]:
            yield LibraryOfOne("", self.folder)

        def secret(name: str, url: str) -> str:
            if name != "token":
                raise NotPublished(f"there is no secret named {name}")
            return BusinessSecret(SECRET, self.hosts).for_call(name, url)

        return Dependencies(
            GuardedFetch(self.private), secret, store, seconds=10.0, retry_clock=RetryClock(pause=lambda _: None)
        )


@pytest.fixture
def trials(tmp_path: Path) -> Callable[[frozenset[str]], Trials]:
    return lambda private: Trials(tmp_path, private)
