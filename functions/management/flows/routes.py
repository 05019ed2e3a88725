"""Routes of the flows: their drafts, their live versions, and the versions before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from chatflow.flows.fields import NAME
from management.flows import drafts, layouts, service
from management.flows.models import Document, DraftHead, FlowDetail, FlowFindings, FlowHead, Layout
from management.http.documents import DOCUMENT_CONTENT, document_response, read_document
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
from management.publishing import versions
from management.publishing.versions import Published, Reason, Rollback

if TYPE_CHECKING:
    from management.dependencies import Dependencies

Flow = Annotated[str, Path(pattern=NAME, description="The flow's name.")]
VersionNumber = Annotated[int, Path(ge=1, le=999_999, description="The number of a version.")]
AllowEmpty = Annotated[bool, Query(description="Allow a document without nodes to replace one with nodes.")]
Force = Annotated[bool, Query(description="Even if sessions run on it or others lead to it; requires the role admin.")]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/flows`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get("/flows", **openapi_options(role="viewer", summary="The flows, by name"))
    def list_flows(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[FlowHead]:
        return service.list_flows(dependencies, limit, cursor)

    @router.get(
        "/flows/<flow>",
        **openapi_options(role="viewer", summary="One flow", problems=["not-found"], etag=True),
    )
    def get_flow(flow: Flow) -> Response[FlowDetail]:
        loaded = service.load(dependencies, flow)
        return response_with_etag(service.to_detail(dependencies, loaded), loaded.revision)

    @router.delete(
        "/flows/<flow>",
        **openapi_options(
            role="editor",
            summary="Delete a flow and its draft; its versions stay for 30 days, so that sessions can end",
            problems=["not-found", "precondition-required", "edit-conflict", "flow-in-use", "invalid-flow"],
            status=204,
        ),
    )
    def delete_flow(flow: Flow, if_match: IfMatch = None, force: Force = False) -> Response[None]:
        service.delete(dependencies, flow, if_match, force=force)
        return Response(204)

    @router.get(
        "/flows/<flow>/draft",
        **openapi_options(
            role="viewer",
            summary="The draft",
            problems=["not-found"],
            etag=True,
            response_content=DOCUMENT_CONTENT,
        ),
    )
    def get_draft(flow: Flow) -> Response[Any]:
        draft = drafts.load(dependencies, flow)
        return document_response(f"flow/{flow}", draft.text, router.current_event, draft.revision)

    @router.put(
        "/flows/<flow>/draft",
        **openapi_options(
            role="editor",
            summary="Store a draft, even if it is not a valid flow",
            problems=[
                *("precondition-required", "edit-conflict", "empties-flow", "invalid-flow"),
                *("too-large", "unsupported-content"),
            ],
            etag=True,
            body=DOCUMENT_CONTENT,
        ),
    )
    def put_draft(
        flow: Flow, if_match: IfMatch = None, if_none_match: IfNoneMatch = None, allow_empty: AllowEmpty = False
    ) -> Response[DraftHead]:
        revision = replaced_revision(if_match, if_none_match)
        text = read_document(f"flow/{flow}", router.current_event)
        draft = drafts.put(dependencies, flow, text, revision, allow_empty=allow_empty)
        return response_with_etag(draft, draft.revision)

    @router.delete(
        "/flows/<flow>/draft",
        **openapi_options(
            role="editor",
            summary="Delete the draft; the live version stays",
            problems=["not-found", "precondition-required", "edit-conflict"],
            status=204,
        ),
    )
    def delete_draft(flow: Flow, if_match: IfMatch = None) -> Response[None]:
        drafts.delete(dependencies, flow, required_revision(if_match))
        return Response(204)

    @router.get(
        "/flows/<flow>/layout",
        **openapi_options(
            role="viewer", summary="Where its nodes stand on the canvas", problems=["not-found"], etag=True
        ),
    )
    def get_layout(flow: Flow) -> Response[Layout]:
        stored = layouts.load(dependencies, flow)
        return response_with_etag(Layout.model_validate({"nodes": stored.nodes}), stored.revision)

    @router.put(
        "/flows/<flow>/layout",
        **openapi_options(
            role="editor",
            summary="Store where its nodes stand on the canvas; nothing of it is validated or published",
            problems=["not-found", "precondition-required", "edit-conflict"],
            changes=False,
            etag=True,
        ),
    )
    def put_layout(
        flow: Flow, layout: Layout, if_match: IfMatch = None, if_none_match: IfNoneMatch = None
    ) -> Response[Layout]:
        stored = layouts.put(dependencies, flow, layout, replaced_revision(if_match, if_none_match))
        return response_with_etag(Layout.model_validate({"nodes": stored.nodes}), stored.revision)

    @router.post(
        "/flows/<flow>/validate",
        **openapi_options(
            role="viewer",
            summary="Validate a document together with everything that is live",
            problems=["not-found", "too-large"],
            changes=False,
        ),
    )
    def validate_flow(flow: Flow, document: Document | None = None) -> FlowFindings:
        return drafts.validate(dependencies, flow, document)

    @router.post(
        "/flows/<flow>/publish",
        **openapi_options(
            role="editor",
            summary="Make the draft the live version; running sessions stay on their version",
            problems=["not-found", "precondition-required", "edit-conflict", "invalid-flow", "too-large"],
            status=201,
        ),
    )
    def publish_flow(flow: Flow, reason: Reason, if_match: IfMatch = None) -> Response[Published]:
        published = drafts.publish(dependencies, flow, reason.note, required_revision(if_match))
        return Response(201, content_type="application/json", body=published)

    @router.get(
        "/flows/<flow>/versions",
        **openapi_options(role="viewer", summary="Its versions", problems=["not-found"]),
    )
    def list_flow_versions(flow: Flow, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[Published]:
        return versions.page(dependencies, f"flow/{flow}", limit, cursor)

    @router.get(
        "/flows/<flow>/versions/<version>",
        **openapi_options(
            role="viewer",
            summary="The source of a version",
            problems=["not-found"],
            response_content=DOCUMENT_CONTENT,
        ),
    )
    def get_flow_version(flow: Flow, version: VersionNumber) -> Response[Any]:
        text = versions.source_of(dependencies, f"flow/{flow}", version)
        return document_response(f"flow/{flow}", text, router.current_event)

    @router.post(
        "/flows/<flow>/rollback",
        **openapi_options(
            role="editor",
            summary="Publish an earlier version again, unchanged, as a new version",
            problems=["not-found", "edit-conflict", "invalid-flow"],
            status=201,
        ),
    )
    def roll_back_flow(flow: Flow, back: Rollback, if_match: IfMatch = None) -> Response[Published]:
        published = service.roll_back(dependencies, flow, back, optional_revision(if_match))
        return Response(201, content_type="application/json", body=published)

    @router.post(
        "/flows/<flow>/unpublish",
        **openapi_options(
            role="editor",
            summary="Withdraw a flow from new sessions; its draft stays, or is created from the live version",
            problems=["not-found", "not-live", "edit-conflict", "invalid-flow"],
        ),
    )
    def unpublish_flow(flow: Flow, reason: Reason, if_match: IfMatch = None, force: Force = False) -> DraftHead:
        return service.unpublish(dependencies, flow, reason.note, optional_revision(if_match), force=force)

    return router
