"""Routes of the integrations, the calls to the business's API. A published one is live at once in every flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from chatflow.flows.fields import NAME
from management.http.documents import DOCUMENT_CONTENT, Note, document_response, read_document
from management.http.etags import (
    IfMatch,
    IfNoneMatch,
    optional_revision,
    replaced_revision,
    required_revision,
    response_with_etag,
)
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from management.integrations import service, trials
from management.integrations.models import CurlDefinition, CurlText, IntegrationHead, PublishedWithFlows, Sample, Trial
from management.publishing import versions
from management.publishing.versions import Published, Rollback, Usage

if TYPE_CHECKING:
    from management.dependencies import Dependencies

Integration = Annotated[str, Path(pattern=NAME, description="The integration's name.")]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/integrations`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get("/integrations", **openapi_options(role="viewer", summary="The integrations, by name"))
    def list_integrations(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[IntegrationHead]:
        return service.list_integrations(dependencies, limit, cursor)

    @router.post(
        "/integrations/from-curl",
        **openapi_options(
            role="editor",
            summary="The definition that makes the request of a curl command; nothing is stored or called",
            description="Credentials become references to secrets. A repeat with the same Idempotency-Key gets the "
            "status and the first request's id only.",
            repeat="reference",
            changes=False,
        ),
    )
    def read_curl_command(command: CurlText) -> CurlDefinition:
        return service.from_curl(command.curl)

    @router.get(
        "/integrations/<integration>",
        **openapi_options(
            role="viewer",
            summary="The source of the live integration",
            problems=["not-found"],
            etag=True,
            response_content=DOCUMENT_CONTENT,
        ),
    )
    def get_integration(integration: Integration) -> Response[Any]:
        text, version = service.get(dependencies, integration)
        return document_response(f"integration/{integration}", text, router.current_event, version)

    @router.put(
        "/integrations/<integration>",
        **openapi_options(
            role="editor",
            summary="Publish an integration, and every live flow that calls it again: all or none",
            problems=["precondition-required", "edit-conflict", "invalid-flow", "too-large", "unsupported-content"],
            etag=True,
            body=DOCUMENT_CONTENT,
        ),
    )
    def put_integration(
        integration: Integration, if_match: IfMatch = None, if_none_match: IfNoneMatch = None, note: Note = ""
    ) -> Response[PublishedWithFlows]:
        revision = replaced_revision(if_match, if_none_match) or 0
        text = read_document(f"integration/{integration}", router.current_event)
        published = service.publish(dependencies, integration, text, note, revision)
        return response_with_etag(published, published.version)

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
        service.delete(dependencies, integration, required_revision(if_match))
        return Response(204)

    @router.get(
        "/integrations/<integration>/versions",
        **openapi_options(role="viewer", summary="Its versions", problems=["not-found"]),
    )
    def list_integration_versions(
        integration: Integration, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> Page[Published]:
        return versions.page(dependencies, f"integration/{integration}", limit, cursor)

    @router.get(
        "/integrations/<integration>/usage",
        **openapi_options(role="viewer", summary="The flows and nodes that call it", problems=["not-found"]),
    )
    def get_integration_usage(integration: Integration) -> Usage:
        return service.get_usage(dependencies, integration)

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
        published = service.roll_back(dependencies, integration, back, optional_revision(if_match))
        return Response(201, content_type="application/json", body=published)

    @router.post(
        "/integrations/<integration>/try",
        **openapi_options(
            role="editor",
            summary="Make the call with sample values, and return the request, the response and the result",
            description="The call is real. Secrets are masked everywhere; files are described by size and hash. A "
            "repeat with the same Idempotency-Key makes no call: it gets the status and the first request's id only.",
            repeat="reference",
            problems=["not-found", "invalid-flow", "too-large"],
        ),
    )
    def try_integration(integration: Integration, sample: Sample) -> Trial:
        return trials.run(dependencies, integration, sample)

    return router
