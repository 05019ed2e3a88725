"""What a trial needs of the world."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.adapters.http.integration_calls import Pace
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.adapters.secrets import secret_text
from chatflow.nodes.ports import Fetch
from chatflow.settings import IntegrationTrialSettings
from integration_trial.store import TrialStore

SECONDS = 24.0  # API Gateway waits for 30, and the management function for a little less
_FRESH = 5.0  # seconds: who has just stored a secret wants to try that one


@dataclass(frozen=True)
class World:
    """`store` is made for one trial, and leaves nothing behind."""

    fetch: Fetch
    secret: Callable[[str], str]
    store: Callable[[], AbstractContextManager[MediaStore]]
    seconds: float = SECONDS
    now: Callable[[], float] = time.time
    pace: Pace | None = None

    @classmethod
    def deployed(cls, settings: IntegrationTrialSettings) -> World:
        @contextmanager
        def store() -> Iterator[MediaStore]:
            with tempfile.TemporaryDirectory() as folder:
                yield TrialStore(settings.asset_bucket, Path(folder))

        def secret(name: str) -> str:
            return secret_text(f"{settings.business_secret_prefix}{name}", max_age=_FRESH)

        return cls(GuardedFetch(settings.private), secret, store)
