"""Routes: which flow a message starts. One document, live as soon as it is put."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from chatflow.publishing.model import ROUTES_ID
from management.audit.service import mention
from management.dependencies import Dependencies
from management.http.documents import ANSWERS, BODY, answered, received
from management.http.etags import IfMatch, IfNoneMatch, given, must_be, seen_or_none, tagged
from management.http.openapi_options import documented
from management.http.pagination import Cursor, Limit, Page
from management.publishing import service, versions
from management.publishing.versions import Published, Rollback

Note = Annotated[str, Query(max_length=500, description="Why, in a few words.")]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/routes",
        **documented(
            role="viewer", summary="The routes as they were written", problems=["not-found"], etag=True, answers=ANSWERS
        ),
    )
    def get_routes() -> Response[Any]:
        live = versions.live_version(dependencies, ROUTES_ID)
        return answered(
            ROUTES_ID, versions.source_of(dependencies, ROUTES_ID, live.version), router.current_event, live.version
        )

    @router.put(
        "/routes",
        **documented(
            role="editor",
            summary="Publish routes: they hold for the next message",
            problems=["precondition-required", "edit-conflict", "invalid-flow", "too-large", "unsupported-content"],
            etag=True,
            body=BODY,
        ),
    )
    def put_routes(if_match: IfMatch = None, if_none_match: IfNoneMatch = None, note: Note = "") -> Response[Published]:
        seen = seen_or_none(if_match, if_none_match) or 0
        version = service.publish(dependencies, ROUTES_ID, received(ROUTES_ID, router.current_event), note, seen=seen)
        mention(version=version)
        return tagged(versions.new_version(dependencies, ROUTES_ID, version), version)

    @router.get("/routes/versions", **documented(role="viewer", summary="Their versions", problems=["not-found"]))
    def list_routes_versions(limit: Limit = 25, cursor: Cursor = None) -> Page[Published]:
        return versions.page(dependencies, ROUTES_ID, limit, cursor)

    @router.post(
        "/routes/rollback",
        **documented(
            role="editor",
            summary="Make earlier routes live again, as a new version",
            problems=["not-found", "edit-conflict", "invalid-flow"],
            status=201,
        ),
    )
    def roll_back_routes(back: Rollback, if_match: IfMatch = None) -> Response[Published]:
        live = versions.live_version(dependencies, ROUTES_ID)
        must_be(given(if_match), live.version)
        note = back.note or f"version {back.version} again"
        version = service.publish_again(dependencies, ROUTES_ID, back.version, note, replaces=live.version)
        mention(version=version, content_of=back.version)
        return Response(
            201, content_type="application/json", body=versions.new_version(dependencies, ROUTES_ID, version)
        )

    return router
