"""Operations of the fake API on drafts: stored, validated, published."""

from __future__ import annotations

import yaml

from tests.fakes.management.contents import NOW, Contents, Draft, flow_version, not_found
from tests.fakes.management.deployment import Call, Deployment, ProblemResponse, Reply, require_revision


def add_drafts(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/flows/{flow}/draft")
    def get_draft(call: Call, flow: str) -> Reply:
        draft = contents.drafts.get(flow)
        if draft is None:
            raise not_found(flow)
        return Reply(yaml.safe_load(draft.text), text=draft.text if call.wants_yaml else "", revision=draft.revision)

    @deployment.operation("PUT", "/flows/{flow}/draft")
    def put_draft(call: Call, flow: str) -> Reply:
        draft = contents.drafts.get(flow)
        if draft:
            require_revision(call, draft.revision)
        else:
            assert call.headers["if-none-match"] == "*"
        assert call.headers["content-type"] == "application/yaml"
        made = Draft(call.body.decode(), draft.revision + 1 if draft else 1, call.caller)
        if not yaml.safe_load(made.text).get("nodes") and "allow_empty" not in call.params:
            raise ProblemResponse(409, "empties-flow", "An empty flow would replace one with nodes")
        contents.drafts[flow] = made
        return Reply({"revision": made.revision, "updated_at": NOW, "by": made.by}, revision=made.revision)

    @deployment.operation("POST", "/flows/{flow}/validate")
    def validate(call: Call, flow: str) -> Reply:
        assert call.json["yaml"]
        return Reply(
            {"problems": contents.problems, "warnings": contents.warnings, "warnings_found": [], "variables": {}}
        )

    @deployment.operation("GET", "/channels/{channel}/flow-problems")
    def flow_problems(call: Call, channel: str) -> Reply:
        return Reply(
            {"problems": contents.problems, "warnings": contents.warnings, "warnings_found": [], "variables": {}}
        )

    @deployment.operation("POST", "/flows/{flow}/publish")
    def publish(call: Call, flow: str) -> Reply:
        draft = contents.drafts[flow]
        require_revision(call, draft.revision)
        if contents.problems:
            raise ProblemResponse(422, "invalid-flow", "The flow is not valid", problems=contents.problems)
        contents.sources.setdefault(flow, []).append(draft.text)
        contents.live[flow] = len(contents.sources[flow])
        return Reply(flow_version(contents, flow, contents.live[flow], call.json["note"]), status=201)
