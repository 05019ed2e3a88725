"""The adapters of the management API, built from the deployment's settings, replaced by fakes in tests.

Each is imported and made with the first request that uses it: a request uses two or three, and all of them together
import most of our code. Making one calls no AWS service.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from chatflow.adapters.dead_letters import DeadLetterQueues
    from chatflow.adapters.dynamodb.assets import AssetStore
    from chatflow.adapters.dynamodb.flows import PublishedFlows
    from chatflow.adapters.dynamodb.held_sessions import HeldSessions
    from chatflow.adapters.dynamodb.host_states import HostStates
    from chatflow.adapters.dynamodb.published_index import PublishedIndex
    from chatflow.adapters.dynamodb.transcripts import Transcripts
    from chatflow.adapters.dynamodb.versions import VersionStore
    from chatflow.adapters.s3.asset_bucket import AssetBucket
    from chatflow.conversation.events import Event
    from chatflow.media.reference import MediaReference
    from chatflow.settings import ManagementSettings
    from management.audit.store import AuditResult, AuditRow, Position
    from management.conversations.media_links import MediaLinks
    from management.flows.draft_store import DraftStore
    from management.flows.layout_store import LayoutStore
    from management.http.idempotency import IdempotencyStore
    from management.secrets.store import BusinessSecrets


class AuditStore(Protocol):
    """Stores the rows of changes."""

    def write(self, row: AuditRow) -> None: ...
    def complete(self, row: AuditRow, outcome: AuditResult, status: int, facts: Mapping[str, Any]) -> None: ...
    def page(
        self, position: Position, *, since: str, who: str, limit: int
    ) -> tuple[list[AuditRow], Position | None]: ...


class Dependencies:
    """Everything outside of the API that its operations use."""

    def __init__(self, settings: ManagementSettings) -> None:
        self._settings = settings

    def clock(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    @cached_property
    def audit(self) -> AuditStore:
        from management.audit.store import AuditTable

        return AuditTable(self._settings.audit_table)

    @cached_property
    def idempotency(self) -> IdempotencyStore:
        from management.http.idempotency import DynamoDBIdempotencyStore

        return DynamoDBIdempotencyStore(self._settings.repeats_table)

    @cached_property
    def transcripts(self) -> Transcripts:
        from chatflow.adapters.dynamodb.transcripts import Transcripts

        return Transcripts(self._settings.sessions_table, self._settings.deliveries_table)

    @cached_property
    def held_sessions(self) -> HeldSessions:
        from chatflow.adapters.dynamodb.held_sessions import HeldSessions

        return HeldSessions(self._settings.sessions_table)

    @cached_property
    def host_states(self) -> HostStates:
        from chatflow.adapters.dynamodb.host_states import HostStates

        return HostStates(self._settings.hosts_table, int(self._settings.calls_per_host or 0))

    @cached_property
    def dead_letters(self) -> DeadLetterQueues:
        from chatflow.adapters.dead_letters import DeadLetterQueues

        return DeadLetterQueues(
            self._settings.events_queue_url,
            {"events": self._settings.events_dead_letters_url, "schedules": self._settings.schedule_dead_letters_url},
        )

    @cached_property
    def media_links(self) -> MediaLinks:
        from management.conversations.media_links import MediaLinks

        return MediaLinks(self._settings.media_bucket, self._settings.asset_bucket)

    @cached_property
    def asset_store(self) -> AssetStore:
        from chatflow.adapters.dynamodb.assets import AssetStore

        return AssetStore(self._settings.assets_table)

    @cached_property
    def asset_bucket(self) -> AssetBucket:
        from chatflow.adapters.s3.asset_bucket import AssetBucket

        return AssetBucket(self._settings.asset_bucket)

    @cached_property
    def published_flows(self) -> PublishedFlows:
        from chatflow.adapters.dynamodb.flows import PublishedFlows

        return PublishedFlows(self._settings.flows_table)

    @cached_property
    def published_index(self) -> PublishedIndex:
        from chatflow.adapters.dynamodb.published_index import PublishedIndex

        return PublishedIndex(self._settings.flows_table, self._settings.assets_table)

    @cached_property
    def version_store(self) -> VersionStore:
        from chatflow.adapters.dynamodb.versions import VersionStore

        return VersionStore(self._settings.flows_table, self._settings.assets_table)

    @cached_property
    def drafts(self) -> DraftStore:
        from management.flows.draft_store import DraftStore

        return DraftStore(self._settings.flows_table)

    @cached_property
    def layouts(self) -> LayoutStore:
        from management.flows.layout_store import LayoutStore

        return LayoutStore(self._settings.flows_table)

    @cached_property
    def secrets(self) -> BusinessSecrets:
        from management.secrets.store import BusinessSecrets

        return BusinessSecrets(self._settings.business_secret_prefix, self._settings.secrets_key)

    def send_events(self, events: Sequence[Event]) -> None:
        from chatflow.adapters import sqs

        sqs.send(self._settings.events_queue_url, events)

    def conversation_secret(self) -> str:
        from chatflow.adapters.secrets import secret_text

        return secret_text(self._settings.conversation_secret)

    def count_running_sessions(self, flow: str) -> int:
        return self.transcripts.count_running(flow)

    def live_asset(self, name: str) -> MediaReference:
        from chatflow.adapters.dynamodb.assets import live_file

        return live_file(self._settings.assets_table, name)

    def run_trial(self, request: dict[str, Any]) -> dict[str, Any]:
        from management.integrations.trial_function import run_trial

        return run_trial(self._settings.trial_function, request)
