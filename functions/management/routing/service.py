"""The routes through the API: which flow a message starts. One document, live as soon as it is put."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatflow.publishing.model import ROUTES_ID
from management.audit.service import add_audit_facts
from management.http.etags import require_revision
from management.publishing import service, versions
from management.publishing.versions import Published, Rollback

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def get(dependencies: Dependencies) -> tuple[str, int]:
    """The text of the live routes and their version. Raises Problem (not-found)."""
    live = versions.live_version(dependencies, ROUTES_ID)
    return versions.source_of(dependencies, ROUTES_ID, live.version), live.version


def publish(dependencies: Dependencies, text: str, note: str, revision: int) -> Published:
    """Publish new routes in place of this version, 0 for none. Raises Problem (edit-conflict, invalid-flow)."""
    [made] = service.publish(dependencies, ROUTES_ID, text, note, seen=revision)
    add_audit_facts(version=made.to)
    return versions.new_version(dependencies, ROUTES_ID, made.to)


def roll_back(dependencies: Dependencies, back: Rollback, revision: int | None) -> Published:
    """Publish earlier routes again. Raises Problem (not-found, edit-conflict, invalid-flow)."""
    live = versions.live_version(dependencies, ROUTES_ID)
    require_revision(revision, live.version)
    note = back.note or f"version {back.version} again"
    version = service.publish_again(dependencies, ROUTES_ID, back.version, note, replaces=live.version)
    add_audit_facts(version=version, content_of=back.version)
    return versions.new_version(dependencies, ROUTES_ID, version)
