"""An integration and the flows that call it: published together, deleted only when nothing calls it."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from management.dependencies import Dependencies
from management.http.etags import require_revision, required_revision
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.http.problems import Problem
from management.http.times import rfc3339
from management.publishing import service, versions
from management.publishing.versions import Published

Head = TypeVar("Head", bound=BaseModel)
_VERSIONS_STAY = 30 * 86_400  # seconds


def listed(dependencies: Dependencies, model: type[Head], limit: int, at: str | None) -> Page[Head]:
    """A page of integrations by name."""
    place = decode_cursor(at, "after")
    found = dependencies.published_index.page("integration", after=place["after"] if place else "", limit=limit + 1)
    shown = found[:limit]
    published = dependencies.published_index.documents(f"integration/{each.name}" for each in shown)
    users: dict[str, list[str]] = {}
    for flow, uses in sorted(dependencies.published_index.uses("flow").items()):
        for name in uses.get("integrations", ()):
            users.setdefault(name, []).append(flow)
    items = [
        model(
            name=each.name,
            title=each.live.title,
            method=document["method"],
            url=document["url"],
            version=each.live.version,
            published_at=rfc3339(each.live.published_at),
            by=each.live.by,
            note=each.live.note,
            master="api" if each.live.master == "api" else "deploy",
            used_by=users.get(each.name, []),
        )
        for each in shown
        if each.live and (document := published.get(f"integration/{each.name}"))
    ]
    return Page[model](items=items, next=encode_cursor(after=shown[-1].name) if len(found) > limit else None)  # type: ignore[valid-type]


def publish(
    dependencies: Dependencies, integration: str, text: str, note: str, seen: int
) -> tuple[Published, list[str]]:
    """The new version, and the flows that were published again with it. Raises Problem."""
    id = f"integration/{integration}"
    version = service.publish(dependencies, id, text, note, seen=seen)
    users = service.live_project(dependencies).flows_calling(integration)
    return versions.new_version(dependencies, id, version), [user.partition("/")[2] for user in users]


def delete(dependencies: Dependencies, integration: str, if_match: str | None) -> None:
    """Raises Problem."""
    seen = required_revision(if_match)
    id = f"integration/{integration}"
    live = versions.live_version(dependencies, id)
    require_revision(seen, live.version)
    used_by = versions.usage(dependencies, "integration", integration).used_by
    if used_by:
        flows = ", ".join(each.flow for each in used_by)
        told = [each.model_dump() for each in used_by]
        raise Problem("integration-in-use", f'"{integration}" is called by {flows}', used_by=told)
    service.withdraw(dependencies, id, live.version, force=True)
    dependencies.version_store.expire(id, int(dependencies.clock()) + _VERSIONS_STAY, last=live.version)
