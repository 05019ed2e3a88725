"""Assets: the files that flows send. Their bytes go straight to S3 and come straight from there."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from chatflow.assets.asset import Asset, State
from chatflow.assets.names import NAME_PATTERN
from management.assets import service, summaries, uploads
from management.assets.models import AssetHead, AssetVersion, Expected, Kind, NewAsset, Rename, Replacement
from management.assets.uploads import Announced
from management.dependencies import Dependencies
from management.http.etags import IfMatch, optional_revision, response_with_etag
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from management.http.problems import Problem, invalid_field
from management.publishing import versions
from management.publishing.versions import Usage

Name = Annotated[str, Path(pattern=NAME_PATTERN, description="The asset's name, as flows write it.")]
Force = Annotated[bool, Query(description="Also while flows send it; takes the role admin.")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=200, description="A part of its name or of its file's name.")
]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/assets",
        **openapi_options(
            role="viewer",
            summary="The assets, by name",
            description="With a search or a filter a page may hold fewer than `limit` and not be the last.",
        ),
    )
    def list_assets(
        search: Search = None,
        kind: Annotated[Kind | None, Query()] = None,
        state: Annotated[State | None, Query()] = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[AssetHead]:
        place = decode_cursor(cursor, "after")
        found, after = service.listed(
            dependencies,
            search=search or "",
            kind=kind or "",
            state=state or "",
            after=place["after"] if place else "",
            limit=limit,
        )
        return Page(items=[summaries.head(dependencies, each) for each in found], next=_cursor(after))

    @router.post(
        "/assets",
        **openapi_options(
            role="editor",
            summary="Create an asset: announce a file, and get the form to upload it with",
            problems=["conflict", "too-large"],
            status=201,
        ),
    )
    def create_asset(body: NewAsset) -> Response[Expected]:
        asset, form = uploads.create(dependencies, Announced(body.filename, body.size, body.mime), body.name or "")
        return Response(201, "application/json", summaries.expected(dependencies, asset, form))

    @router.get(
        "/assets/<name>", **openapi_options(role="viewer", summary="One asset", problems=["not-found"], etag=True)
    )
    def get_asset(name: Name) -> Response[AssetHead]:
        asset = service.known(dependencies, name)
        return response_with_etag(summaries.head(dependencies, asset), asset.revision)

    @router.patch(
        "/assets/<name>",
        **openapi_options(
            role="editor",
            summary="Change the name that customers see: a new version with the same bytes",
            problems=["not-found", "not-live", "precondition-required", "edit-conflict"],
            etag=True,
        ),
    )
    def rename_asset(name: Name, body: Rename, if_match: IfMatch = None) -> Response[AssetHead]:
        version = service.rename(dependencies, name, body.filename, if_match)
        return response_with_etag(summaries.head(dependencies, Asset(name, version, None)), version.version)

    @router.delete(
        "/assets/<name>",
        **openapi_options(
            role="editor",
            summary="Delete an asset; its versions stay for 30 days",
            description="What was rejected in the bucket goes from the list, and stays in the bucket.",
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
            summary="Replace an asset's file: flows that send it send the new one as soon as it is checked",
            description="An upload that was asked for before is not waited for any more.",
            problems=["not-found", "edit-conflict", "too-large"],
            status=201,
        ),
    )
    def replace_asset(name: Name, body: Replacement, if_match: IfMatch = None) -> Response[Expected]:
        asset, form = uploads.replace(
            dependencies, name, Announced(body.filename or "", body.size, body.mime), optional_revision(if_match)
        )
        return Response(201, "application/json", summaries.expected(dependencies, asset, form))

    @router.get(
        "/assets/<name>/versions",
        **openapi_options(role="viewer", summary="The versions of an asset, the newest first", problems=["not-found"]),
    )
    def list_asset_versions(name: Name, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[AssetVersion]:
        before = _before(cursor)
        found = dependencies.asset_store.versions(name, before, limit + 1)
        there = dependencies.asset_store.find(name)
        if not found and there is None and not before:
            raise Problem("not-found", f'there is no asset "{name}"')
        live = there.revision if there else 0
        items = [summaries.version(each, live) for each in found[:limit]]
        return Page(items=items, next=_version_cursor(items[-1].version) if len(found) > limit else None)

    @router.get(
        "/assets/<name>/usage",
        **openapi_options(role="viewer", summary="Which live flows send an asset", problems=["not-found"]),
    )
    def get_asset_usage(name: Name) -> Usage:
        service.known(dependencies, name)
        return versions.usage(dependencies, "asset", name)

    return router


def _cursor(after: str | None) -> str | None:
    return encode_cursor(after=after) if after else None


def _version_cursor(before: int) -> str:
    return encode_cursor(before=str(before))


def _before(text: str | None) -> int:
    place = decode_cursor(text, "before")
    before = place["before"] if place else "0"
    if not (before.isascii() and before.isdecimal() and len(before) <= 6):
        raise invalid_field("query.cursor", "not a cursor of this list: leave it out for the first page")
    return int(before)
