"""Integrations: the calls to the business's API; live as soon as they are put, with every flow that uses them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field

from chatflow.flows.fields import NAME
from management.audit.service import add_audit_facts
from management.dependencies import Dependencies
from management.http.documents import DOCUMENT_CONTENT, document_response, read_document
from management.http.etags import IfMatch, IfNoneMatch, optional_revision, replaced_revision, response_with_etag
from management.http.openapi import openapi_options
from management.http.pagination import Cursor, Limit, Page
from management.http.times import Time
from management.integrations import service, trials
from management.integrations.trials import Sample, Trial
from management.publishing import versions
from management.publishing.versions import Published, Rollback, Usage
from management.routing.routes import Note

Integration = Annotated[str, Path(pattern=NAME, description="The integration's name.")]


class IntegrationHead(BaseModel):
    """An integration in a list."""

    name: str
    title: str
    method: str
    url: str = Field(description="With this deployment's own address; templates in it are not filled.")
    version: int
    published_at: Time
    by: str
    note: str
    master: Literal["api", "deploy"]
    used_by: list[str] = Field(description="The live flows that call it.")


class PublishedWithFlows(Published):
    """A new version, and the flows that were published again because they call it."""

    flows: list[str]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get("/integrations", **openapi_options(role="viewer", summary="The integrations, by name"))
    def list_integrations(limit: Limit = 25, cursor: Cursor = None) -> Page[IntegrationHead]:
        return service.listed(dependencies, IntegrationHead, limit, cursor)

    @router.get(
        "/integrations/<integration>",
        **openapi_options(
            role="viewer",
            summary="An integration as it was written",
            problems=["not-found"],
            etag=True,
            response_content=DOCUMENT_CONTENT,
        ),
    )
    def get_integration(integration: Integration) -> Response[Any]:
        id = f"integration/{integration}"
        live = versions.live_version(dependencies, id)
        return document_response(
            id, versions.source_of(dependencies, id, live.version), router.current_event, live.version
        )

    @router.put(
        "/integrations/<integration>",
        **openapi_options(
            role="editor",
            summary="Publish an integration, and again every live flow that calls it: all of them, or nothing",
            problems=["precondition-required", "edit-conflict", "invalid-flow", "too-large", "unsupported-content"],
            etag=True,
            body=DOCUMENT_CONTENT,
        ),
    )
    def put_integration(
        integration: Integration, if_match: IfMatch = None, if_none_match: IfNoneMatch = None, note: Note = ""
    ) -> Response[PublishedWithFlows]:
        seen = replaced_revision(if_match, if_none_match) or 0
        text = read_document(f"integration/{integration}", router.current_event)
        made, flows = service.publish(dependencies, integration, text, note, seen)
        add_audit_facts(version=made.version)
        return response_with_etag(PublishedWithFlows(**made.model_dump(), flows=flows), made.version)

    @router.delete(
        "/integrations/<integration>",
        **openapi_options(
            role="editor",
            summary="Delete an integration that no live flow calls",
            problems=["not-found", "precondition-required", "edit-conflict", "integration-in-use"],
            status=204,
        ),
    )
    def delete_integration(integration: Integration, if_match: IfMatch = None) -> Response[None]:
        service.delete(dependencies, integration, if_match)
        return Response(204)

    @router.get(
        "/integrations/<integration>/versions",
        **openapi_options(role="viewer", summary="Its versions", problems=["not-found"]),
    )
    def list_integration_versions(
        integration: Integration, limit: Limit = 25, cursor: Cursor = None
    ) -> Page[Published]:
        return versions.page(dependencies, f"integration/{integration}", limit, cursor)

    @router.get(
        "/integrations/<integration>/usage",
        **openapi_options(role="viewer", summary="The flows and nodes that call it", problems=["not-found"]),
    )
    def get_integration_usage(integration: Integration) -> Usage:
        versions.live_version(dependencies, f"integration/{integration}")
        return versions.usage(dependencies, "integration", integration)

    @router.post(
        "/integrations/<integration>/rollback",
        **openapi_options(
            role="editor",
            summary="Publish an earlier version again, with the flows that call it",
            problems=["not-found", "edit-conflict", "invalid-flow"],
            status=201,
        ),
    )
    def roll_back_integration(
        integration: Integration, back: Rollback, if_match: IfMatch = None
    ) -> Response[PublishedWithFlows]:
        id = f"integration/{integration}"
        text, live = versions.source_of(dependencies, id, back.version), versions.live_version(dependencies, id)
        seen = optional_revision(if_match)
        note = back.note or f"version {back.version} again"
        made, flows = service.publish(dependencies, integration, text, note, live.version if seen is None else seen)
        add_audit_facts(version=made.version, content_of=back.version)
        body = PublishedWithFlows(**made.model_dump(), flows=flows)
        return Response(201, content_type="application/json", body=body)

    @router.post(
        "/integrations/<integration>/try",
        **openapi_options(
            role="editor",
            summary="Make the call with sample values, and tell exactly what was sent and what it came to",
            description="The call is real. Secrets are masked wherever they appear; of files, size and hash are told.",
            problems=["not-found", "invalid-flow", "too-large"],
        ),
    )
    def try_integration(integration: Integration, sample: Sample) -> Trial:
        return trials.run(dependencies, integration, sample)

    return router
