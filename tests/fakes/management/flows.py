"""Operations of the fake API on flows and their versions."""

from __future__ import annotations

import yaml

from tests.fakes.management.contents import ADMIN, NOW, Contents, Json, flow_version, not_found
from tests.fakes.management.deployment import Call, Deployment, ProblemResponse, Reply, page, require_revision


def _summary(contents: Contents, flow: str) -> Json:
    draft = contents.drafts.get(flow)
    return {
        "name": flow,
        "title": "Take a photo",
        "version": contents.live.get(flow),
        "published_at": NOW,
        "by": ADMIN,
        "note": "First",
        "master": "api",
        "draft": {"revision": draft.revision, "updated_at": NOW, "by": draft.by} if draft else None,
    }


def add_flows(deployment: Deployment, contents: Contents) -> None:
    def find(flow: str) -> str:
        if flow not in contents.sources and flow not in contents.drafts:
            raise not_found(flow)
        return flow

    @deployment.operation("GET", "/flows")
    def list_flows(call: Call) -> Reply:
        return page([_summary(contents, flow) for flow in sorted({*contents.sources, *contents.drafts})], call)

    @deployment.operation("GET", "/flows/{flow}")
    def show(call: Call, flow: str) -> Reply:
        draft = contents.drafts.get(flow)
        live = contents.sources[flow][-1] if contents.live.get(flow) else ""
        uses = {"assets": [], "integrations": ["claims"], "flows": []}
        more = {"uses": uses, "changed": draft is not None and draft.text != live, "running": len(contents.sessions)}
        return Reply({**_summary(contents, find(flow)), **more}, revision=contents.live.get(flow, 0) or 1)

    @deployment.operation("DELETE", "/flows/{flow}")
    def delete(call: Call, flow: str) -> Reply:
        require_revision(call, contents.live.get(find(flow), 0) or 1)
        if contents.sessions and "force" not in call.params:
            raise ProblemResponse(409, "flow-in-use", "Sessions run on this flow", running=len(contents.sessions))
        del contents.sources[flow]
        return Reply()

    @deployment.operation("GET", "/flows/{flow}/versions")
    def versions(call: Call, flow: str) -> Reply:
        numbers = range(len(contents.sources[find(flow)]), 0, -1)
        return page([flow_version(contents, flow, number) for number in numbers], call)

    @deployment.operation("GET", "/flows/{flow}/versions/{version}")
    def one_version(call: Call, flow: str, version: str) -> Reply:
        text = contents.sources[find(flow)][int(version) - 1]
        return Reply(yaml.safe_load(text), text=text if call.wants_yaml else "")

    @deployment.operation("POST", "/flows/{flow}/rollback")
    def rollback(call: Call, flow: str) -> Reply:
        contents.sources[find(flow)].append(contents.sources[flow][call.json["version"] - 1])
        contents.live[flow] = len(contents.sources[flow])
        return Reply(flow_version(contents, flow, contents.live[flow], call.json["note"]), status=201)

    @deployment.operation("POST", "/flows/{flow}/unpublish")
    def unpublish(call: Call, flow: str) -> Reply:
        del contents.live[find(flow)]
        return Reply({"revision": 1, "updated_at": NOW, "by": ADMIN})
