"""What the management API needs of the world: every adapter, made once, replaced as a whole by tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from chatflow.adapters import sqs as queue
from chatflow.adapters.dead_letters import Letters, QueueName
from chatflow.adapters.dynamodb.assets import AssetStore, live_file
from chatflow.adapters.dynamodb.flows import Flows
from chatflow.adapters.dynamodb.published_index import Catalogue
from chatflow.adapters.dynamodb.transcripts import Transcripts
from chatflow.adapters.dynamodb.versions import Shelf
from chatflow.adapters.s3.asset_bucket import AssetBucket
from chatflow.adapters.secrets import secret_text
from chatflow.conversation.events import Event
from chatflow.media.reference import MediaReference
from chatflow.settings import ManagementSettings
from management.audit.store import Audit, Outcome, Place, Row
from management.flows.draft_store import Drafts
from management.flows.running_sessions import running
from management.http.idempotency import KeptAnswers, Repeats
from management.integrations.trial_call import try_call
from management.media_links import MediaLinks
from management.secrets.store import BusinessSecrets


class AuditLog(Protocol):
    def write(self, row: Row) -> None: ...
    def complete(self, row: Row, outcome: Outcome, status: int, facts: dict[str, Any]) -> None: ...
    def page(self, place: Place, *, since: str, who: str, limit: int) -> tuple[list[Row], Place | None]: ...


def settings() -> ManagementSettings:
    """What the deployment says; for the adapters below."""
    return ManagementSettings.from_environment()


def _letters() -> Letters:
    told = settings()
    urls: dict[QueueName, str] = {"events": told.events_dead_letters_url, "schedules": told.schedule_dead_letters_url}
    return Letters(told.events_queue_url, urls)


@dataclass(frozen=True)
class World:
    """Making it calls nothing: adapters reach AWS when they are first used. `clock` is in seconds since the epoch."""

    clock: Callable[[], float] = time.time
    audit: AuditLog = field(default_factory=lambda: Audit(settings().audit_table))
    repeats: Repeats = field(default_factory=lambda: KeptAnswers(settings().repeats_table))
    transcripts: Transcripts = field(
        default_factory=lambda: Transcripts(settings().sessions_table, settings().deliveries_table)
    )
    letters: Letters = field(default_factory=_letters)
    links: MediaLinks = field(default_factory=lambda: MediaLinks(settings().media_bucket, settings().asset_bucket))
    library: AssetStore = field(default_factory=lambda: AssetStore(settings().assets_table))
    library_bucket: AssetBucket = field(default_factory=lambda: AssetBucket(settings().asset_bucket))
    published: Flows = field(default_factory=lambda: Flows(settings().flows_table))
    queue: Callable[[Sequence[Event]], None] = lambda events: queue.send(settings().events_queue_url, events)
    conversation_secret: Callable[[], str] = lambda: secret_text(settings().conversation_secret)
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(settings().flows_table, settings().assets_table))
    shelf: Shelf = field(default_factory=lambda: Shelf(settings().flows_table, settings().assets_table))
    drafts: Drafts = field(default_factory=lambda: Drafts(settings().flows_table))
    secrets: BusinessSecrets = field(
        default_factory=lambda: BusinessSecrets(settings().business_secret_prefix, settings().secrets_key)
    )
    running: Callable[[str], int] = lambda flow: running(settings().sessions_table, flow)
    asset: Callable[[str], MediaReference] = lambda name: live_file(settings().assets_table, name)
    trial: Callable[[dict[str, Any]], dict[str, Any]] = lambda asked: try_call(settings().trial_function, asked)


_used: list[World] = []


def world() -> World:
    """The world in use: the deployed one, unless a test said otherwise."""
    if not _used:
        _used.append(World())
    return _used[0]


def use(instead: World | None) -> None:
    """Replace the world; None brings the deployed one back."""
    _used[:] = [instead] if instead else []
