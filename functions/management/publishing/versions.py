"""Versions of flows, routes and integrations in the API, and where an integration or an asset is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chatflow.adapters.dynamodb.published_index import Version
from management.http.model import Model
from management.http.pagination import DEFAULT_LIMIT, Page, decode_cursor, encode_cursor
from management.http.problems import Problem, invalid_field
from management.http.times import Time, rfc3339
from management.publishing.service import live_project

if TYPE_CHECKING:
    from management.dependencies import Dependencies

Note = Annotated[str, Field(max_length=500, description="Why, in a few words.")]


class Published(Model):
    """A version: published once, never changed."""

    version: int
    live: bool = Field(description="Whether new sessions begin with it.")
    published_at: Time
    by: str = Field(description="The user who published it; empty when a deploy did.")
    note: str
    master: Literal["api", "deploy"] = Field(description="Who made it: this API, or the files of a deploy.")
    title: str


class Reason(Model):
    """Why something is done."""

    note: Note = ""


class Rollback(Model):
    """Which version is to be live again."""

    version: int = Field(ge=1, le=999_999, strict=True)
    note: Note = ""


class UsedBy(Model):
    """A live flow that uses something, and where."""

    flow: str
    nodes: list[str]


class Usage(Model):
    """Where something is used by what is live."""

    used_by: list[UsedBy]


def _to_published(version: Version, live: int) -> Published:
    """`live` is the number of the live version, 0 for none."""
    return Published(
        version=version.version,
        live=version.version == live,
        published_at=rfc3339(version.published_at),
        by=version.by,
        note=version.note,
        master="api" if version.master == "api" else "deploy",
        title=version.title,
    )


def new_version(dependencies: Dependencies, id: str, version: int) -> Published:
    """A version that has just gone live. Raises Problem (edit-conflict) when it is deleted already."""
    found = dependencies.published_index.version(id, version)
    if found is None:
        raise Problem("edit-conflict", "it was published, and deleted by someone else at once")
    return _to_published(found[0], version)


def source_of(dependencies: Dependencies, id: str, version: int) -> str:
    """The document of a version as it was written. Raises Problem (not-found)."""
    found = dependencies.published_index.version(id, version)
    if found is None:
        raise Problem("not-found", f'there is no version {version} of "{id.partition("/")[2]}"')
    return found[1]


def live_version(dependencies: Dependencies, id: str) -> Version:
    """The live version of something. Raises Problem (not-found)."""
    version = dependencies.published_index.live(id)
    if version is None:
        kind, _, name = id.partition("/")
        raise Problem("not-found", f'there is no {kind} "{name}"' if kind != name else f"there are no {kind}")
    return version


def page(dependencies: Dependencies, id: str, limit: int | None, after: str | None) -> Page[Published]:
    """The versions of something, the newest first; `after` is the cursor. Raises Problem (not-found)."""
    size = limit or DEFAULT_LIMIT
    place = decode_cursor(after, "before")
    before = place["before"] if place else "0"
    if not before.isdecimal() or len(before) > 6:
        raise invalid_field("query.cursor", "not a cursor of this list: leave it out for the first page")
    found = dependencies.published_index.versions(id, before=int(before), limit=size + 1)
    if not found and not place:
        raise Problem("not-found", f'nothing was ever published as "{id.partition("/")[2]}"')
    live = dependencies.published_index.live(id)
    items = [_to_published(version, live.version if live else 0) for version in found[:size]]
    return Page(items=items, next=encode_cursor(before=str(items[-1].version)) if len(found) > size else None)


def usage(dependencies: Dependencies, kind: str, name: str) -> Usage:
    """The nodes of live flows that use an integration or an asset (`kind`)."""
    nodes_by_flow = live_project(dependencies).nodes_using(kind, name)
    return Usage(used_by=[UsedBy(flow=flow, nodes=nodes) for flow, nodes in sorted(nodes_by_flow.items())])
