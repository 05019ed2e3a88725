"""Integrations through the API. Each is published together with the live flows that call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from chatflow.flows.problems import Problem as FlowProblem
from chatflow.flows.template_references import single_variable
from chatflow.flows.yaml_documents import as_yaml
from chatflow.templating import names
from management.audit.service import add_audit_facts
from management.flows.models import Finding
from management.http.etags import require_revision
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.http.problems import Problem, invalid_field
from management.http.times import rfc3339
from management.integrations.models import CurlDefinition, IntegrationHead, Parameter, PublishedWithFlows
from management.publishing import service, versions
from management.publishing.versions import Rollback, Usage
from management.secrets import sent_secrets

if TYPE_CHECKING:
    from management.dependencies import Dependencies

logger = Logger(service="chatflow", use_rfc3339=True)


def list_integrations(dependencies: Dependencies, limit: int, cursor: str | None) -> Page[IntegrationHead]:
    """A page of integrations by name. Raises Problem (invalid-request)."""
    index = dependencies.published_index
    position = decode_cursor(cursor, "after")
    found = index.page("integration", after=position["after"] if position else "", limit=limit + 1)
    page = found[:limit]
    documents = index.documents(f"integration/{each.name}" for each in page)
    flows: dict[str, list[str]] = {}
    for flow, uses in sorted(index.uses("flow").items()):
        for name in uses.get("integrations", ()):
            flows.setdefault(name, []).append(flow)
    items = [
        IntegrationHead(
            name=each.name,
            title=each.live.title,
            method=document["method"],
            url=document["url"],
            version=each.live.version,
            published_at=rfc3339(each.live.published_at),
            by=each.live.by,
            note=each.live.note,
            master="api" if each.live.master == "api" else "deploy",
            used_by=flows.get(each.name, []),
            parameters=_parameters(document),
        )
        for each in page
        if each.live and (document := documents.get(f"integration/{each.name}"))
    ]
    return Page(items=items, next=encode_cursor(after=page[-1].name) if len(found) > limit else None)


def _parameters(document: Mapping[str, Any]) -> list[Parameter]:
    """What a node has to give an integration, by its compiled definition."""
    request, response = document.get("request") or {}, document.get("response") or {}
    templates = [document["url"], document.get("headers"), document.get("query"), request, response.get("filename")]
    files = {single_variable(part.get("file")) for part in request.get("parts") or ()}
    return [Parameter(name=name, file=name in files) for name in sorted(names(templates))]


def from_curl(command: str) -> CurlDefinition:
    """The definition that makes the request of a curl command. Raises Problem (invalid-request)."""
    from management.integrations.curl.definition import from_curl as read_definition
    from management.integrations.curl.shell_words import UnreadableCommand

    try:
        found = read_definition(command)
    except UnreadableCommand as error:
        raise invalid_field("body.curl", str(error)) from None
    return CurlDefinition(yaml=as_yaml(found.document), document=found.document, warnings=found.warnings)


def get(dependencies: Dependencies, integration: str) -> tuple[str, int]:
    """The text of the live version and its number. Raises Problem (not-found)."""
    id = f"integration/{integration}"
    live = versions.live_version(dependencies, id)
    return versions.source_of(dependencies, id, live.version), live.version


def get_usage(dependencies: Dependencies, integration: str) -> Usage:
    """The live flows that call an integration. Raises Problem (not-found)."""
    versions.live_version(dependencies, f"integration/{integration}")
    return versions.usage(dependencies, "integration", integration)


def publish(dependencies: Dependencies, integration: str, text: str, note: str, revision: int) -> PublishedWithFlows:
    """Publish an integration in place of this version, 0 for none, and again every live flow that calls it.

    Raises Problem (edit-conflict, invalid-flow, too-large); then nothing was published.
    """
    published = _publish(dependencies, integration, text, note, revision)
    add_audit_facts(version=published.version)
    return published


def roll_back(dependencies: Dependencies, integration: str, back: Rollback, revision: int | None) -> PublishedWithFlows:
    """Publish an earlier version again, with the flows that call it.

    Raises Problem (not-found, edit-conflict, invalid-flow); then nothing was published.
    """
    id = f"integration/{integration}"
    text, live = versions.source_of(dependencies, id, back.version), versions.live_version(dependencies, id)
    note = back.note or f"version {back.version} again"
    published = _publish(dependencies, integration, text, note, live.version if revision is None else revision)
    add_audit_facts(version=published.version, content_of=back.version)
    return published


def delete(dependencies: Dependencies, integration: str, revision: int) -> None:
    """Delete an integration; its versions expire in 30 days.

    Raises Problem (not-found, edit-conflict, integration-in-use).
    """
    id = f"integration/{integration}"
    live = versions.live_version(dependencies, id)
    require_revision(revision, live.version)
    used_by = versions.usage(dependencies, "integration", integration).used_by
    if used_by:
        flows = ", ".join(each.flow for each in used_by)
        members = [each.model_dump() for each in used_by]
        raise Problem("integration-in-use", f'"{integration}" is called by {flows}', used_by=members)
    service.withdraw(dependencies, id, live.version, force=True)
    service.expire_versions(dependencies, id, live.version)


def _publish(dependencies: Dependencies, integration: str, text: str, note: str, revision: int) -> PublishedWithFlows:
    id = f"integration/{integration}"
    made, *followed = service.publish(dependencies, id, text, note, seen=revision)
    flows = [each.id.partition("/")[2] for each in followed]
    published = versions.new_version(dependencies, id, made.to)
    definition = dependencies.published_index.documents([id]).get(id)  # none when it was deleted at once
    warnings = _warnings(dependencies, definition)
    return PublishedWithFlows(
        **published.model_dump(),
        flows=flows,
        warnings=[each.message for each in warnings],
        warnings_found=[Finding(**each.to_json()) for each in warnings],
    )


def _warnings(dependencies: Dependencies, definition: Mapping[str, Any] | None) -> list[FlowProblem]:
    """The warnings about the secrets of what was just published. Never raises: it is live, whatever happens here."""
    try:
        return sent_secrets.record(dependencies, definition) if definition else []
    except Exception as error:
        logger.warning("hosts not checked", extra={"reason": type(error).__name__})
        message = "AWS did not answer: the hosts of its secrets were not checked. Validate it again."
        return [FlowProblem("", 0, "", "", "", message)]
