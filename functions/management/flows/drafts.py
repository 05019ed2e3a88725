"""Drafts: kept whatever is wrong with them as flows, never lost to someone else's edit, published as they were seen."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent
from pydantic import BaseModel

from chatflow.errors import Overtaken
from chatflow.flows.validation import RESERVED
from chatflow.flows.yaml_documents import LARGEST
from chatflow.publishing.live_validation import document
from management.dependencies import Dependencies
from management.flows.draft_store import Draft
from management.http import documents
from management.http.auth import caller
from management.http.etags import edit_conflict, replaced_revision, require_revision, required_revision
from management.http.problems import Problem, invalid_field
from management.http.times import Time, rfc3339
from management.publishing import service


class DraftHead(BaseModel):
    """A draft, without its text."""

    revision: int
    updated_at: Time
    by: str


def draft_of(dependencies: Dependencies, flow: str) -> Draft:
    """Raises Problem (not-found)."""
    draft = dependencies.drafts.get(flow)
    if draft is None:
        raise Problem("not-found", f'the flow "{flow}" has no draft')
    return draft


def save(
    dependencies: Dependencies,
    flow: str,
    event: BaseProxyEvent,
    if_match: str | None,
    if_none_match: str | None,
    *,
    allow_empty: bool,
) -> DraftHead:
    """Keep what the request's body holds. Raises Problem."""
    seen = replaced_revision(if_match, if_none_match)
    if flow in RESERVED:
        raise invalid_field("path.flow", f'no flow can be called "{flow}"')
    text = documents.read_document(f"flow/{flow}", event)
    if not allow_empty and not has_nodes(flow, text) and has_nodes(flow, _written(dependencies, flow)):
        raise Problem("empties-flow", "it has no nodes, and what it replaces has: send allow_empty=true to mean that")
    return keep(dependencies, flow, text, seen)


def keep(dependencies: Dependencies, flow: str, text: str, seen: int | None) -> DraftHead:
    """`seen` None creates. Raises Problem (edit-conflict)."""
    data = document(f"flow/{flow}", text).data
    title = data.get("title", "") if isinstance(data, dict) else ""
    now, who = int(dependencies.clock()), caller().name
    try:
        revision = dependencies.drafts.save(
            flow, text, title=title[:200] if isinstance(title, str) else "", seen=seen, by=who, now=now
        )
    except Overtaken:
        present = dependencies.drafts.get(flow)
        raise edit_conflict(present.revision if present else None) from None
    return DraftHead(revision=revision, updated_at=rfc3339(now), by=who)


def drop(dependencies: Dependencies, flow: str, if_match: str | None) -> None:
    """Raises Problem."""
    seen = required_revision(if_match)
    require_revision(seen, draft_of(dependencies, flow).revision)
    try:
        dependencies.drafts.drop(flow, seen)
    except Overtaken:
        raise edit_conflict() from None


def publish(dependencies: Dependencies, flow: str, note: str, if_match: str | None) -> int:
    """Publish the draft that the caller saw, and give the version. Raises Problem; then nothing was published."""
    seen = required_revision(if_match)
    draft = draft_of(dependencies, flow)
    require_revision(seen, draft.revision)
    return service.publish(dependencies, f"flow/{flow}", draft.text, note, draft=seen)


def to_validate(dependencies: Dependencies, flow: str, data: dict[str, Any] | None, text: str | None) -> str:
    """The document that was sent, or the draft. Raises Problem."""
    if data is not None and text is not None:
        raise invalid_field("body", "send either document or yaml")
    if data is not None:
        text = documents.yaml_from_json(data)
    if text is None:
        return draft_of(dependencies, flow).text
    if len(text.encode(errors="replace")) > LARGEST:
        raise Problem("too-large", f"a document has at most {LARGEST // 1024} KB")
    return text


def has_nodes(flow: str, text: str) -> bool:
    """Whether a document has anything in it that can be lost."""
    data = document(f"flow/{flow}", text).data if text else None
    return isinstance(data, dict) and bool(data.get("nodes"))


def _written(dependencies: Dependencies, flow: str) -> str:
    """What is there now: the draft, or else what is live."""
    draft = dependencies.drafts.get(flow)
    if draft is not None:
        return draft.text
    live = dependencies.published_index.live(f"flow/{flow}")
    found = dependencies.published_index.version(f"flow/{flow}", live.version) if live else None
    return found[1] if found else ""
