"""The adapters that a trial works with."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.adapters.http.integration_calls import RetryClock
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.adapters.secrets import secret_text
from chatflow.integrations.secret_hosts import deserialize_secret
from chatflow.nodes.ports import Fetch
from chatflow.settings import IntegrationTrialSettings
from integration_trial.store import TrialStore

SECONDS = 24.0  # for all attempts; API Gateway waits for 30, and the management function for a little less
_SECRET_AGE = 5.0  # seconds that a secret is cached: an operator who has just stored one wants to try that one


@dataclass(frozen=True)
class Dependencies:
    """`secret` takes its name and the URL of the call. `store` is created for one trial, and removes its files."""

    fetch: Fetch
    secret: Callable[[str, str], str]
    store: Callable[[], AbstractContextManager[MediaStore]]
    seconds: float = SECONDS
    now: Callable[[], float] = time.time
    retry_clock: RetryClock | None = None

    @classmethod
    def deployed(cls, settings: IntegrationTrialSettings) -> Dependencies:
        @contextmanager
        def store() -> Iterator[MediaStore]:
            with tempfile.TemporaryDirectory() as folder:
                yield TrialStore(settings.asset_bucket, Path(folder))

        def secret(name: str, url: str) -> str:
            text = secret_text(f"{settings.business_secret_prefix}{name}", max_age=_SECRET_AGE)
            return deserialize_secret(name, text).for_call(name, url)

        return cls(GuardedFetch(settings.private), secret, store)
