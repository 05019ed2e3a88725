"""The adapters of the management API: built once from the deployment's settings, replaced by fakes in tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from chatflow.adapters import sqs
from chatflow.adapters.dead_letters import DeadLetterQueues
from chatflow.adapters.dynamodb.assets import AssetStore, live_file
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.held_sessions import HeldSessions
from chatflow.adapters.dynamodb.host_states import HostStates
from chatflow.adapters.dynamodb.published_index import PublishedIndex
from chatflow.adapters.dynamodb.transcripts import Transcripts
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.adapters.s3.asset_bucket import AssetBucket
from chatflow.adapters.secrets import secret_text
from chatflow.conversation.events import Event
from chatflow.media.reference import MediaReference
from chatflow.settings import ManagementSettings
from management.audit.store import AuditResult, AuditRow, AuditTable, Position
from management.conversations.media_links import MediaLinks
from management.flows.draft_store import DraftStore
from management.flows.layout_store import LayoutStore
from management.http.idempotency import DynamoDBIdempotencyStore, IdempotencyStore
from management.integrations.trial_function import run_trial
from management.secrets.store import BusinessSecrets


class AuditStore(Protocol):
    """Stores the rows of changes."""

    def write(self, row: AuditRow) -> None: ...
    def complete(self, row: AuditRow, outcome: AuditResult, status: int, facts: Mapping[str, Any]) -> None: ...
    def page(
        self, position: Position, *, since: str, who: str, limit: int
    ) -> tuple[list[AuditRow], Position | None]: ...


@dataclass(frozen=True)
class Dependencies:
    """Everything outside of the API that its operations use.

    `clock` is in seconds since the epoch. `count_running_sessions` takes a flow's name, `live_asset` an asset's.
    """

    clock: Callable[[], float]
    audit: AuditStore
    idempotency: IdempotencyStore
    transcripts: Transcripts
    held_sessions: HeldSessions
    host_states: HostStates
    dead_letters: DeadLetterQueues
    media_links: MediaLinks
    asset_store: AssetStore
    asset_bucket: AssetBucket
    published_flows: PublishedFlows
    published_index: PublishedIndex
    version_store: VersionStore
    drafts: DraftStore
    layouts: LayoutStore
    secrets: BusinessSecrets
    send_events: Callable[[Sequence[Event]], None]
    conversation_secret: Callable[[], str]
    count_running_sessions: Callable[[str], int]
    live_asset: Callable[[str], MediaReference]
    run_trial: Callable[[dict[str, Any]], dict[str, Any]]

    @classmethod
    def from_settings(cls, settings: ManagementSettings) -> Self:
        """The adapters of a deployment. Makes no AWS calls: each adapter reaches AWS when it is first used."""
        transcripts = Transcripts(settings.sessions_table, settings.deliveries_table)
        return cls(
            clock=time.time,
            audit=AuditTable(settings.audit_table),
            idempotency=DynamoDBIdempotencyStore(settings.repeats_table),
            transcripts=transcripts,
            held_sessions=HeldSessions(settings.sessions_table),
            host_states=HostStates(settings.hosts_table, int(settings.calls_per_host or 0)),
            dead_letters=DeadLetterQueues(
                settings.events_queue_url,
                {"events": settings.events_dead_letters_url, "schedules": settings.schedule_dead_letters_url},
            ),
            media_links=MediaLinks(settings.media_bucket, settings.asset_bucket),
            asset_store=AssetStore(settings.assets_table),
            asset_bucket=AssetBucket(settings.asset_bucket),
            published_flows=PublishedFlows(settings.flows_table),
            published_index=PublishedIndex(settings.flows_table, settings.assets_table),
            version_store=VersionStore(settings.flows_table, settings.assets_table),
            drafts=DraftStore(settings.flows_table),
            layouts=LayoutStore(settings.flows_table),
            secrets=BusinessSecrets(settings.business_secret_prefix, settings.secrets_key),
            send_events=lambda events: sqs.send(settings.events_queue_url, events),
            conversation_secret=lambda: secret_text(settings.conversation_secret),
            count_running_sessions=transcripts.count_running,
            live_asset=lambda name: live_file(settings.assets_table, name),
            run_trial=lambda request: run_trial(settings.trial_function, request),
        )
