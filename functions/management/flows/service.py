"""Flows through the API, each with its live version and its draft: list, read, roll back, unpublish and delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatflow.adapters.dynamodb.published_index import Listing, Version
from chatflow.errors import Overtaken
from chatflow.publishing.documents import document
from management.audit.service import add_audit_facts
from management.flows import drafts
from management.flows.draft_store import Draft
from management.flows.models import DraftHead, FlowDetail, FlowHead, Uses
from management.http.auth import caller
from management.http.etags import edit_conflict, require_revision, required_revision
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.http.problems import Problem
from management.http.times import rfc3339
from management.publishing import service, versions
from management.publishing.versions import Published, Rollback

if TYPE_CHECKING:
    from management.dependencies import Dependencies

_DRAFT_REVISIONS: Final = 1_000_000  # more than a draft ever has, so that one number holds the version and the draft


@dataclass(frozen=True)
class Flow:
    """A flow's live version and its draft; at least one of them is there."""

    name: str
    live: Version | None
    draft: Draft | None

    @property
    def revision(self) -> int:
        """Changes whenever the live version or the draft does."""
        version = self.live.version if self.live else 0
        return version * _DRAFT_REVISIONS + (self.draft.revision if self.draft else 0)


def load(dependencies: Dependencies, name: str) -> Flow:
    """Raises Problem (not-found)."""
    flow = _read(dependencies, name)
    if flow.live is None and flow.draft is None:
        raise Problem("not-found", f'there is no flow "{name}"')
    return flow


def list_flows(dependencies: Dependencies, limit: int, cursor: str | None) -> Page[FlowHead]:
    """A page of flows by name. Raises Problem (invalid-request)."""
    position = decode_cursor(cursor, "after")
    after = position["after"] if position else ""
    found = dependencies.published_index.page("flow", after=after, limit=limit + 1)
    next_cursor = encode_cursor(after=found[limit - 1].name) if len(found) > limit else None
    return Page(items=[FlowHead(**_summary(each)) for each in found[:limit]], next=next_cursor)


def to_detail(dependencies: Dependencies, flow: Flow) -> FlowDetail:
    """A flow with what a list does not show."""
    live, draft = flow.live, flow.draft
    listed = Listing(
        flow.name,
        live,
        draft.revision if draft else 0,
        draft.updated_at if draft else 0,
        draft.by if draft else "",
        live.title if live else _draft_title(flow),
    )
    uses = live.uses if live else {}
    source = dependencies.published_index.version(f"flow/{flow.name}", live.version) if live else None
    return FlowDetail(
        **_summary(listed),
        uses=Uses(
            assets=list(uses.get("assets", [])),
            integrations=list(uses.get("integrations", [])),
            flows=list(uses.get("flows", [])),
        ),
        changed=draft is not None and (source is None or source[1] != draft.text),
        running=dependencies.count_running_sessions(flow.name),
    )


def roll_back(dependencies: Dependencies, name: str, back: Rollback, revision: int | None) -> Published:
    """Publish an earlier version again, unchanged. Raises Problem (not-found, edit-conflict, invalid-flow)."""
    id = f"flow/{name}"
    flow = _read(dependencies, name)
    require_revision(revision, flow.revision)
    note = back.note or f"version {back.version} again"
    live_version = flow.live.version if flow.live else 0
    version = service.publish_again(dependencies, id, back.version, note, replaces=live_version)
    add_audit_facts(version=version, content_of=back.version)
    return versions.new_version(dependencies, id, version)


def unpublish(dependencies: Dependencies, name: str, note: str, revision: int | None, *, force: bool) -> DraftHead:
    """Withdraw the live version and return the draft; without one, the live version becomes the draft.

    Raises Problem (forbidden, not-found, edit-conflict, not-live, invalid-flow).
    """
    add_audit_facts(note=note)
    if force:
        caller().require("admin")
    flow = load(dependencies, name)
    require_revision(revision, flow.revision)
    if flow.live is None:
        raise Problem("not-live", f'the flow "{name}" is not live')
    service.withdraw(dependencies, f"flow/{name}", flow.live.version, force=force)
    if flow.draft is None:
        source = dependencies.published_index.version(f"flow/{name}", flow.live.version)
        return drafts.save(dependencies, name, source[1] if source else "", None)
    return DraftHead(revision=flow.draft.revision, updated_at=rfc3339(flow.draft.updated_at), by=flow.draft.by)


def delete(dependencies: Dependencies, name: str, if_match: str | None, *, force: bool) -> None:
    """Delete the draft, the layout and the live version; all versions expire in 30 days.

    Raises Problem (forbidden, precondition-required, not-found, edit-conflict, flow-in-use, invalid-flow).
    """
    if force:
        caller().require("admin")
    revision = required_revision(if_match)
    flow = load(dependencies, name)
    require_revision(revision, flow.revision)
    if not force and (running := dependencies.count_running_sessions(name)):
        some = "a session runs" if running == 1 else f"{running} sessions run"
        raise Problem("flow-in-use", f'{some} on the flow "{name}"', running=running)
    live, draft = flow.live, flow.draft
    if live is not None:
        service.withdraw(dependencies, f"flow/{name}", live.version, force=force, draft=draft.revision if draft else 0)
    if draft is not None:
        try:
            dependencies.drafts.drop(name, draft.revision)
        except Overtaken:
            raise edit_conflict() from None
    dependencies.layouts.delete(name)
    service.expire_versions(dependencies, f"flow/{name}", live.version if live else None)


def _read(dependencies: Dependencies, name: str) -> Flow:
    return Flow(name, dependencies.published_index.live(f"flow/{name}"), dependencies.drafts.get(name))


def _draft_title(flow: Flow) -> str:
    data = document(f"flow/{flow.name}", flow.draft.text).data if flow.draft else None
    return str(data.get("title", ""))[:200] if isinstance(data, dict) else ""


def _summary(flow: Listing) -> dict[str, Any]:
    """The fields of FlowHead."""
    live = flow.live
    draft = (
        DraftHead(revision=flow.revision, updated_at=rfc3339(flow.updated_at), by=flow.by) if flow.revision else None
    )
    return {
        "name": flow.name,
        "title": flow.title,
        "version": live.version if live else None,
        "published_at": rfc3339(live.published_at) if live else None,
        "by": live.by if live else None,
        "note": live.note if live else None,
        "master": ("api" if live.master == "api" else "deploy") if live else None,
        "draft": draft,
    }
