"""Flows: what is live and what is drafted, published and taken back."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from chatflow.flows.fields import NAME
from management.audit.service import add_audit_facts
from management.dependencies import Dependencies
from management.flows import drafts, service
from management.flows.drafts import DraftHead
from management.flows.models import Document, Finding, Findings, FlowDetail, FlowHead
from management.http.documents import DOCUMENT_CONTENT, document_response
from management.http.etags import IfMatch, IfNoneMatch, optional_revision, response_with_etag
from management.http.openapi import openapi_options
from management.http.pagination import Cursor, Limit, Page
from management.publishing import versions
from management.publishing.service import problems_of
from management.publishing.versions import Published, Reason, Rollback

Flow = Annotated[str, Path(pattern=NAME, description="The flow's name.")]
VersionNumber = Annotated[int, Path(ge=1, le=999_999, description="The number of a version.")]
AllowEmpty = Annotated[bool, Query(description="Let a document without nodes replace one that has some.")]
Force = Annotated[bool, Query(description="Also while sessions run on it or others lead to it; takes the role admin.")]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get("/flows", **openapi_options(role="viewer", summary="The flows, by name"))
    def list_flows(limit: Limit = 25, cursor: Cursor = None) -> Page[FlowHead]:
        return service.listed(dependencies, FlowHead, limit, cursor)

    @router.get(
        "/flows/<flow>", **openapi_options(role="viewer", summary="One flow", problems=["not-found"], etag=True)
    )
    def get_flow(flow: Flow) -> Response[FlowDetail]:
        known = service.known(dependencies, flow)
        return response_with_etag(
            FlowDetail(**service.told(known), **service.detail(dependencies, known)), known.revision
        )

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
            role="viewer", summary="The draft", problems=["not-found"], etag=True, response_content=DOCUMENT_CONTENT
        ),
    )
    def get_draft(flow: Flow) -> Response[Any]:
        draft = drafts.draft_of(dependencies, flow)
        return document_response(f"flow/{flow}", draft.text, router.current_event, draft.revision)

    @router.put(
        "/flows/<flow>/draft",
        **openapi_options(
            role="editor",
            summary="Keep a draft, whatever is wrong with it as a flow",
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
        head = drafts.save(dependencies, flow, router.current_event, if_match, if_none_match, allow_empty=allow_empty)
        return response_with_etag(head, head.revision)

    @router.delete(
        "/flows/<flow>/draft",
        **openapi_options(
            role="editor",
            summary="Delete the draft; what is live stays",
            problems=["not-found", "precondition-required", "edit-conflict"],
            status=204,
        ),
    )
    def delete_draft(flow: Flow, if_match: IfMatch = None) -> Response[None]:
        drafts.drop(dependencies, flow, if_match)
        return Response(204)

    @router.post(
        "/flows/<flow>/validate",
        **openapi_options(
            role="viewer",
            summary="Everything that is wrong with a document, among all that is live",
            problems=["not-found", "too-large"],
            changes=False,
        ),
    )
    def validate_flow(flow: Flow, document: Document | None = None) -> Findings:
        text = drafts.to_validate(
            dependencies, flow, document.document if document else None, document.yaml if document else None
        )
        return Findings(
            problems=[Finding(**each.to_json()) for each in problems_of(dependencies, f"flow/{flow}", text)]
        )

    @router.post(
        "/flows/<flow>/publish",
        **openapi_options(
            role="editor",
            summary="Make the draft the live version; sessions that run stay on theirs",
            problems=["not-found", "precondition-required", "edit-conflict", "invalid-flow", "too-large"],
            status=201,
        ),
    )
    def publish_flow(flow: Flow, reason: Reason, if_match: IfMatch = None) -> Response[Published]:
        version = drafts.publish(dependencies, flow, reason.note, if_match)
        add_audit_facts(version=version)
        return Response(
            201, content_type="application/json", body=versions.new_version(dependencies, f"flow/{flow}", version)
        )

    @router.get(
        "/flows/<flow>/versions", **openapi_options(role="viewer", summary="Its versions", problems=["not-found"])
    )
    def list_flow_versions(flow: Flow, limit: Limit = 25, cursor: Cursor = None) -> Page[Published]:
        return versions.page(dependencies, f"flow/{flow}", limit, cursor)

    @router.get(
        "/flows/<flow>/versions/<version>",
        **openapi_options(
            role="viewer",
            summary="A version as it was written",
            problems=["not-found"],
            response_content=DOCUMENT_CONTENT,
        ),
    )
    def get_flow_version(flow: Flow, version: VersionNumber) -> Response[Any]:
        return document_response(
            f"flow/{flow}", versions.source_of(dependencies, f"flow/{flow}", version), router.current_event
        )

    @router.post(
        "/flows/<flow>/rollback",
        **openapi_options(
            role="editor",
            summary="Make an earlier version live again, exactly as it was, as a new version",
            problems=["not-found", "edit-conflict", "invalid-flow"],
            status=201,
        ),
    )
    def roll_back_flow(flow: Flow, back: Rollback, if_match: IfMatch = None) -> Response[Published]:
        version = service.roll_back(dependencies, flow, back.version, back.note, optional_revision(if_match))
        add_audit_facts(version=version, content_of=back.version)
        return Response(
            201, content_type="application/json", body=versions.new_version(dependencies, f"flow/{flow}", version)
        )

    @router.post(
        "/flows/<flow>/unpublish",
        **openapi_options(
            role="editor",
            summary="No new session begins with it; its draft stays, or is made of what was live",
            problems=["not-found", "not-live", "edit-conflict", "invalid-flow"],
        ),
    )
    def unpublish_flow(flow: Flow, reason: Reason, if_match: IfMatch = None, force: Force = False) -> DraftHead:
        add_audit_facts(note=reason.note)
        return service.unpublish(dependencies, flow, optional_revision(if_match), force=force)

    return router
