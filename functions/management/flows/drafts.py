"""Drafts of flows through the API: stored even if invalid as flows, and published exactly as the caller saw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatflow.errors import Overtaken
from chatflow.flows.fields import RESERVED
from chatflow.flows.problems import Problem as FlowProblem
from chatflow.flows.yaml_documents import LARGEST
from chatflow.publishing.documents import document, named_ids
from management.audit.service import add_audit_facts
from management.flows.draft_store import Draft
from management.flows.models import Document, DraftHead, Finding, FlowFindings, NodeVariable
from management.http.auth import caller
from management.http.documents import yaml_from_json
from management.http.etags import edit_conflict, require_revision
from management.http.problems import Problem, invalid_field
from management.http.times import rfc3339
from management.publishing import service, versions
from management.publishing.versions import Published
from management.secrets import sent_secrets

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def load(dependencies: Dependencies, flow: str) -> Draft:
    """The draft of a flow. Raises Problem (not-found)."""
    draft = dependencies.drafts.get(flow)
    if draft is None:
        raise Problem("not-found", f'the flow "{flow}" has no draft')
    return draft


def put(dependencies: Dependencies, flow: str, text: str, revision: int | None, *, allow_empty: bool) -> DraftHead:
    """Replace this revision of the draft, or create it (None). Without `allow_empty`, nodes are never lost.

    Raises Problem (invalid-request, empties-flow, edit-conflict).
    """
    if flow in RESERVED:
        raise invalid_field("path.flow", f'no flow can be called "{flow}"')
    if not allow_empty and not _has_nodes(flow, text) and _has_nodes(flow, _current_text(dependencies, flow)):
        raise Problem("empties-flow", "it has no nodes, and what it replaces has: send allow_empty=true to mean that")
    return save(dependencies, flow, text, revision)


def save(dependencies: Dependencies, flow: str, text: str, revision: int | None) -> DraftHead:
    """Store a draft in place of this revision, None if there is none. Raises Problem (edit-conflict)."""
    data = document(f"flow/{flow}", text).data
    title = data.get("title", "") if isinstance(data, dict) else ""
    now, user = int(dependencies.clock()), caller().name
    try:
        saved = dependencies.drafts.save(
            flow, text, title=title[:200] if isinstance(title, str) else "", seen=revision, by=user, now=now
        )
    except Overtaken:
        current = dependencies.drafts.get(flow)
        raise edit_conflict(current.revision if current else None) from None
    return DraftHead(revision=saved, updated_at=rfc3339(now), by=user)


def delete(dependencies: Dependencies, flow: str, revision: int) -> None:
    """Delete this revision of the draft; the layout too if nothing is live.

    Raises Problem (not-found, edit-conflict).
    """
    require_revision(revision, load(dependencies, flow).revision)
    try:
        dependencies.drafts.drop(flow, revision)
    except Overtaken:
        raise edit_conflict() from None
    if dependencies.published_index.live(f"flow/{flow}") is None:  # so there is no such flow any more
        dependencies.layouts.delete(flow)


def validate(dependencies: Dependencies, flow: str, sent: Document | None) -> FlowFindings:
    """Everything that is wrong with the document that was sent, or with the draft if none was.

    Raises Problem (not-found, invalid-request, too-large).
    """
    text = _sent_text(sent) if sent else None
    if text is None:
        text = load(dependencies, flow).text
    found = service.findings_of(dependencies, f"flow/{flow}", text)
    secrets = _secret_warnings(dependencies, flow, text)
    return FlowFindings(
        problems=[Finding(**each.to_json()) for each in found.problems],
        warnings=[*map(str, found.warnings), *(each.message for each in secrets)],
        warnings_found=[Finding(**each.to_json()) for each in (*found.warnings, *secrets)],
        variables={
            node: [NodeVariable(name=each.name, type=each.type) for each in variables]
            for node, variables in found.variables.items()
        },
    )


def publish(dependencies: Dependencies, flow: str, note: str, revision: int) -> Published:
    """Publish this revision of the draft. Raises Problem; then nothing was published."""
    draft = load(dependencies, flow)
    require_revision(revision, draft.revision)
    [made] = service.publish(dependencies, f"flow/{flow}", draft.text, note, draft=revision)
    add_audit_facts(version=made.to)
    return versions.new_version(dependencies, f"flow/{flow}", made.to)


def _sent_text(sent: Document) -> str | None:
    if sent.document is not None and sent.yaml is not None:
        raise invalid_field("body", "send either document or yaml")
    text = yaml_from_json(sent.document) if sent.document is not None else sent.yaml
    if text is not None and len(text.encode(errors="replace")) > LARGEST:
        raise Problem("too-large", f"a document has at most {LARGEST // 1024} KB")
    return text


def _secret_warnings(dependencies: Dependencies, flow: str, text: str) -> list[FlowProblem]:
    """What is not safe about the secrets of the live integrations that a flow names."""
    named = sorted(id for id in named_ids(document(f"flow/{flow}", text).data) if id.startswith("integration/"))
    definitions = dependencies.published_index.documents(named)
    return [each for id in sorted(definitions) for each in sent_secrets.warnings(dependencies, definitions[id])]


def _has_nodes(flow: str, text: str) -> bool:
    """Whether there is anything in the document that could be lost."""
    data = document(f"flow/{flow}", text).data if text else None
    return isinstance(data, dict) and bool(data.get("nodes"))


def _current_text(dependencies: Dependencies, flow: str) -> str:
    """The text of the draft, else of the live version, else ""."""
    draft = dependencies.drafts.get(flow)
    if draft is not None:
        return draft.text
    live = dependencies.published_index.live(f"flow/{flow}")
    found = dependencies.published_index.version(f"flow/{flow}", live.version) if live else None
    return found[1] if found else ""
