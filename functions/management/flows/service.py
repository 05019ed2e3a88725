"""A flow as a whole, its live version and its draft: listed, rolled back, unpublished, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from chatflow.adapters.dynamodb.published_index import Listing, Version
from chatflow.errors import Overtaken
from chatflow.publishing.live_validation import document
from management.dependencies import Dependencies
from management.flows.draft_store import Draft
from management.flows.drafts import DraftHead, keep
from management.http.auth import caller
from management.http.etags import edit_conflict, require_revision, required_revision
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.http.problems import Problem
from management.http.times import rfc3339
from management.publishing import service

Head = TypeVar("Head", bound=BaseModel)
_DRAFT_REVISIONS = 1_000_000  # more than a draft ever has, so that one number tells both the version and the draft
_VERSIONS_STAY = 30 * 86_400  # seconds that sessions have to end after their flow was deleted


@dataclass(frozen=True)
class Known:
    """What there is of a flow."""

    name: str
    live: Version | None
    draft: Draft | None

    @property
    def revision(self) -> int:
        """Changes whenever the live version or the draft does."""
        version = self.live.version if self.live else 0
        return version * _DRAFT_REVISIONS + (self.draft.revision if self.draft else 0)


def known(dependencies: Dependencies, flow: str) -> Known:
    """Raises Problem (not-found)."""
    found = Known(flow, dependencies.published_index.live(f"flow/{flow}"), dependencies.drafts.get(flow))
    if found.live is None and found.draft is None:
        raise Problem("not-found", f'there is no flow "{flow}"')
    return found


def listed(dependencies: Dependencies, model: type[Head], limit: int, at: str | None) -> Page[Head]:
    """A page of flows by name."""
    place = decode_cursor(at, "after")
    found = dependencies.published_index.page("flow", after=place["after"] if place else "", limit=limit + 1)
    items = [model(**_head(each)) for each in found[:limit]]
    return Page[model](items=items, next=encode_cursor(after=found[limit - 1].name) if len(found) > limit else None)  # type: ignore[valid-type]


def told(of: Known) -> dict[str, Any]:
    """The fields of a head."""
    draft = of.draft
    return _head(
        Listing(
            of.name,
            of.live,
            draft.revision if draft else 0,
            draft.updated_at if draft else 0,
            draft.by if draft else "",
            of.live.title if of.live else _title(of),
        )
    )


def detail(dependencies: Dependencies, of: Known) -> dict[str, Any]:
    """What a list does not tell."""
    uses = of.live.uses if of.live else {}
    source = dependencies.published_index.version(f"flow/{of.name}", of.live.version) if of.live else None
    return {
        "uses": {name: uses.get(name, []) for name in ("assets", "integrations", "flows")},
        "changed": of.draft is not None and (source is None or source[1] != of.draft.text),
        "running": dependencies.count_running_sessions(of.name),
    }


def roll_back(dependencies: Dependencies, flow: str, version: int, note: str, seen: int | None) -> int:
    """Give the new version. Raises Problem."""
    live, draft = dependencies.published_index.live(f"flow/{flow}"), dependencies.drafts.get(flow)
    require_revision(seen, Known(flow, live, draft).revision)
    return service.publish_again(
        dependencies, f"flow/{flow}", version, note or f"version {version} again", replaces=live.version if live else 0
    )


def unpublish(dependencies: Dependencies, flow: str, seen: int | None, *, force: bool) -> DraftHead:
    """Give the draft that is left. Raises Problem."""
    if force:
        caller().require("admin")
    of = known(dependencies, flow)
    require_revision(seen, of.revision)
    if of.live is None:
        raise Problem("not-live", f'the flow "{flow}" is not live')
    service.withdraw(dependencies, f"flow/{flow}", of.live.version, force=force)
    draft = of.draft
    if draft is None:
        source = dependencies.published_index.version(f"flow/{flow}", of.live.version)
        return keep(dependencies, flow, source[1] if source else "", None)
    return DraftHead(revision=draft.revision, updated_at=rfc3339(draft.updated_at), by=draft.by)


def delete(dependencies: Dependencies, flow: str, if_match: str | None, *, force: bool) -> None:
    """The draft goes, what is live goes, the versions go in 30 days. Raises Problem."""
    if force:
        caller().require("admin")
    seen = required_revision(if_match)
    of = known(dependencies, flow)
    require_revision(seen, of.revision)
    if not force and (running := dependencies.count_running_sessions(flow)):
        some = "a session runs" if running == 1 else f"{running} sessions run"
        raise Problem("flow-in-use", f'{some} on the flow "{flow}"', running=running)
    if of.live is not None:
        service.withdraw(
            dependencies, f"flow/{flow}", of.live.version, force=force, draft=of.draft.revision if of.draft else 0
        )
    if of.draft is not None:
        try:
            dependencies.drafts.drop(flow, of.draft.revision)
        except Overtaken:
            raise edit_conflict() from None
    last = of.live.version if of.live else None
    dependencies.version_store.expire(f"flow/{flow}", int(dependencies.clock()) + _VERSIONS_STAY, last=last)


def _title(of: Known) -> str:
    data = document(f"flow/{of.name}", of.draft.text).data if of.draft else None
    return str(data.get("title", ""))[:200] if isinstance(data, dict) else ""


def _head(of: Listing) -> dict[str, Any]:
    live = of.live
    draft = DraftHead(revision=of.revision, updated_at=rfc3339(of.updated_at), by=of.by) if of.revision else None
    return {
        "name": of.name,
        "title": of.title,
        "version": live.version if live else None,
        "published_at": rfc3339(live.published_at) if live else None,
        "by": live.by if live else None,
        "note": live.note if live else None,
        "master": ("api" if live.master == "api" else "deploy") if live else None,
        "draft": draft,
    }
