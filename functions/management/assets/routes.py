"""Routes of the assets, the files that flows send. Their bytes never pass through the API: they go directly to S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from chatflow.assets.asset import State
from chatflow.assets.names import NAME_PATTERN
from management.assets import service, uploads
from management.assets.models import AssetHead, AssetVersion, Expected, Kind, NewAsset, Rename, Replacement
from management.http.etags import IfMatch, optional_revision, required_revision, response_with_etag
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from management.publishing.versions import Usage

if TYPE_CHECKING:
    from management.dependencies import Dependencies

Name = Annotated[str, Path(pattern=NAME_PATTERN, description="The asset's name, as flows write it.")]
Force = Annotated[bool, Query(description="Delete it even if flows send it; requires the role admin.")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=200, description="A part of the asset's name or filename.")
]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/assets`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/assets",
        **openapi_options(
            role="viewer",
            summary="The assets, by name",
            description="With a search or a filter, a page may have fewer than `limit` items and still a next page.",
        ),
    )
    def list_assets(
        search: Search = None,
        kind: Annotated[Kind | None, Query()] = None,
        state: Annotated[State | None, Query()] = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[AssetHead]:
        return service.list_assets(
            dependencies, search=search or "", kind=kind or "", state=state or "", limit=limit, cursor=cursor
        )

    @router.post(
        "/assets",
        **openapi_options(
            role="editor",
            summary="Create an asset: announce a file, and get the form for its upload",
            problems=["conflict", "too-large"],
            status=201,
        ),
    )
    def create_asset(body: NewAsset) -> Response[Expected]:
        return Response(201, "application/json", uploads.create(dependencies, body))

    @router.get(
        "/assets/<name>",
        **openapi_options(role="viewer", summary="One asset", problems=["not-found"], etag=True),
    )
    def get_asset(name: Name) -> Response[AssetHead]:
        asset = service.load(dependencies, name)
        return response_with_etag(service.to_summary(dependencies, asset), asset.revision)

    @router.patch(
        "/assets/<name>",
        **openapi_options(
            role="editor",
            summary="Change the filename that customers see: a new version with the same bytes",
            problems=["not-found", "not-live", "precondition-required", "edit-conflict"],
            etag=True,
        ),
    )
    def rename_asset(name: Name, body: Rename, if_match: IfMatch = None) -> Response[AssetHead]:
        asset = service.rename(dependencies, name, body.filename, required_revision(if_match))
        return response_with_etag(service.to_summary(dependencies, asset), asset.revision)

    @router.delete(
        "/assets/<name>",
        **openapi_options(
            role="editor",
            summary="Delete an asset; its versions stay for 30 days",
            description="A rejected file in the bucket is removed from the list only.",
            problems=["not-found", "precondition-required", "edit-conflict", "asset-in-use"],
            status=204,
        ),
    )
    def delete_asset(name: Name, if_match: IfMatch = None, force: Force = False) -> Response[None]:
        service.delete(dependencies, name, if_match, force=force)
        return Response(204)

    @router.post(
        "/assets/<name>/uploads",
        **openapi_options(
            role="editor",
            summary="Replace an asset's file: flows send the new file as soon as it is checked",
            description="An upload that was requested earlier is dropped.",
            problems=["not-found", "edit-conflict", "too-large"],
            status=201,
        ),
    )
    def replace_asset(name: Name, body: Replacement, if_match: IfMatch = None) -> Response[Expected]:
        return Response(201, "application/json", uploads.replace(dependencies, name, body, optional_revision(if_match)))

    @router.get(
        "/assets/<name>/versions",
        **openapi_options(role="viewer", summary="The versions of an asset, the newest first", problems=["not-found"]),
    )
    def list_asset_versions(name: Name, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[AssetVersion]:
        return service.list_versions(dependencies, name, limit, cursor)

    @router.get(
        "/assets/<name>/usage",
        **openapi_options(role="viewer", summary="The live flows that send an asset", problems=["not-found"]),
    )
    def get_asset_usage(name: Name) -> Usage:
        return service.get_usage(dependencies, name)

    return router
