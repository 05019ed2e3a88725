"""Routes: which flow a message starts. One document, live as soon as it is put."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from chatflow.publishing.model import ROUTES_ID
from management.audit.service import add_audit_facts
from management.dependencies import Dependencies
from management.http.documents import DOCUMENT_CONTENT, document_response, read_document
from management.http.etags import (
    IfMatch,
    IfNoneMatch,
    optional_revision,
    replaced_revision,
    require_revision,
    response_with_etag,
)
from management.http.openapi import openapi_options
from management.http.pagination import Cursor, Limit, Page
from management.publishing import service, versions
from management.publishing.versions import Published, Rollback

Note = Annotated[str, Query(max_length=500, description="Why, in a few words.")]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/routes",
        **openapi_options(
            role="viewer",
            summary="The routes as they were written",
            problems=["not-found"],
            etag=True,
            response_content=DOCUMENT_CONTENT,
        ),
    )
    def get_routes() -> Response[Any]:
        live = versions.live_version(dependencies, ROUTES_ID)
        return document_response(
            ROUTES_ID, versions.source_of(dependencies, ROUTES_ID, live.version), router.current_event, live.version
        )

    @router.put(
        "/routes",
        **openapi_options(
            role="editor",
            summary="Publish routes: they hold for the next message",
            problems=["precondition-required", "edit-conflict", "invalid-flow", "too-large", "unsupported-content"],
            etag=True,
            body=DOCUMENT_CONTENT,
        ),
    )
    def put_routes(if_match: IfMatch = None, if_none_match: IfNoneMatch = None, note: Note = "") -> Response[Published]:
        seen = replaced_revision(if_match, if_none_match) or 0
        version = service.publish(
            dependencies, ROUTES_ID, read_document(ROUTES_ID, router.current_event), note, seen=seen
        )
        add_audit_facts(version=version)
        return response_with_etag(versions.new_version(dependencies, ROUTES_ID, version), version)

    @router.get("/routes/versions", **openapi_options(role="viewer", summary="Their versions", problems=["not-found"]))
    def list_routes_versions(limit: Limit = 25, cursor: Cursor = None) -> Page[Published]:
        return versions.page(dependencies, ROUTES_ID, limit, cursor)

    @router.post(
        "/routes/rollback",
        **openapi_options(
            role="editor",
            summary="Make earlier routes live again, as a new version",
            problems=["not-found", "edit-conflict", "invalid-flow"],
            status=201,
        ),
    )
    def roll_back_routes(back: Rollback, if_match: IfMatch = None) -> Response[Published]:
        live = versions.live_version(dependencies, ROUTES_ID)
        require_revision(optional_revision(if_match), live.version)
        note = back.note or f"version {back.version} again"
        version = service.publish_again(dependencies, ROUTES_ID, back.version, note, replaces=live.version)
        add_audit_facts(version=version, content_of=back.version)
        return Response(
            201, content_type="application/json", body=versions.new_version(dependencies, ROUTES_ID, version)
        )

    return router
