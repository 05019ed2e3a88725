"""Routes of `/routes`, the document that says which flow a message starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from chatflow.publishing.model import ROUTES_ID
from management.http.documents import DOCUMENT_CONTENT, Note, document_response, read_document
from management.http.etags import IfMatch, IfNoneMatch, optional_revision, replaced_revision, response_with_etag
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from management.publishing import versions
from management.publishing.versions import Published, Rollback
from management.routing import service

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/routes`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/routes",
        **openapi_options(
            role="viewer",
            summary="The source of the live routes",
            problems=["not-found"],
            etag=True,
            response_content=DOCUMENT_CONTENT,
        ),
    )
    def get_routes() -> Response[Any]:
        text, version = service.get(dependencies)
        return document_response(ROUTES_ID, text, router.current_event, version)

    @router.put(
        "/routes",
        **openapi_options(
            role="editor",
            summary="Publish routes: they apply to the next message",
            problems=["precondition-required", "edit-conflict", "invalid-flow", "too-large", "unsupported-content"],
            etag=True,
            body=DOCUMENT_CONTENT,
        ),
    )
    def put_routes(if_match: IfMatch = None, if_none_match: IfNoneMatch = None, note: Note = "") -> Response[Published]:
        revision = replaced_revision(if_match, if_none_match) or 0
        text = read_document(ROUTES_ID, router.current_event)
        published = service.publish(dependencies, text, note, revision)
        return response_with_etag(published, published.version)

    @router.get("/routes/versions", **openapi_options(role="viewer", summary="Their versions", problems=["not-found"]))
    def list_routes_versions(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[Published]:
        return versions.page(dependencies, ROUTES_ID, limit, cursor)

    @router.post(
        "/routes/rollback",
        **openapi_options(
            role="editor",
            summary="Publish earlier routes again, as a new version",
            problems=["not-found", "edit-conflict", "invalid-flow"],
            status=201,
        ),
    )
    def roll_back_routes(back: Rollback, if_match: IfMatch = None) -> Response[Published]:
        published = service.roll_back(dependencies, back, optional_revision(if_match))
        return Response(201, content_type="application/json", body=published)

    return router
