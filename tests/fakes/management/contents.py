"""The contents of the fake deployment, and what its operations share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.management.deployment import Call, Deployment, ProblemResponse

NOW = "2026-11-22T18:00:00Z"
ADMIN, PASSWORD = "admin@example.com", "Correct-horse-7"
Json = dict[str, Any]


@dataclass
class Draft:
    text: str
    revision: int
    by: str


@dataclass
class Contents:
    """The contents of the deployment."""

    sources: dict[str, list[str]] = field(default_factory=dict)  # a flow's versions, the oldest first
    live: dict[str, int] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    problems: list[Json] = field(default_factory=list)  # that every validation finds
    warnings: list[str] = field(default_factory=list)
    routes: list[str] = field(default_factory=lambda: ["default: welcome\n"])
    integrations: dict[str, list[str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    secret_hosts: dict[str, list[str]] = field(default_factory=dict)
    assets: dict[str, Json] = field(default_factory=dict)
    used: dict[str, list[str]] = field(default_factory=dict)  # the flows that use an asset
    rejects: str = ""  # the reason for which the next uploads are rejected
    reads_until_checked: int = 1
    sessions: list[Json] = field(default_factory=list)
    turns: list[Json] = field(default_factory=list)
    letters: list[Json] = field(default_factory=list)
    held: list[Json] = field(default_factory=list)
    hosts: list[Json] = field(default_factory=list)
    erasures: list[Json] = field(default_factory=list)
    trial: Json = field(default_factory=dict)


def admin_only(deployment: Deployment, call: Call) -> None:
    if "admin" not in deployment.pool.roles_of(call.caller):
        raise ProblemResponse(
            403, "forbidden", "Your role does not allow this", "this takes the role admin; yours: viewer"
        )


def not_found(what: str) -> ProblemResponse:
    return ProblemResponse(404, "not-found", "There is no such thing", f'There is no "{what}".')


def published(number: int, live: int, note: str = "", title: str = "") -> Json:
    about = {"version": number, "published_at": NOW, "by": ADMIN, "note": note, "master": "api", "title": title}
    return {**about, "live": number == live}


def flow_version(contents: Contents, flow: str, number: int, note: str = "") -> Json:
    return published(number, contents.live.get(flow, 0), note, "Take a photo")
