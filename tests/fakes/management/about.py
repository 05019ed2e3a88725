"""Operations of the fake API on the signed-in user, the node types and the audit."""

from __future__ import annotations

from tests.fakes.management.contents import ADMIN, NOW, Contents, admin_only
from tests.fakes.management.deployment import Call, Deployment, Reply, page


def add_about(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/me")
    def me(call: Call) -> Reply:
        return Reply({"name": call.caller, "roles": deployment.pool.roles_of(call.caller)})

    @deployment.operation("GET", "/node-types")
    def node_types(call: Call) -> Reply:
        flags = {"required": True, "main": False, "optional": False, "setback": False, "timeout": False}
        said = {"name": "sung", "label": "Sung", "each": "", **flags}
        each = {"name": "verse_{number}", "label": "Verse {number}", "each": "verses", **flags}
        variant = {"when": {}, "title": "Sing", "waits": True, "exits": [said, each], "config_schema": {}}
        sing = {"name": "sing", "title": "Sing", "about": "Sings a song.", "icon": "star", "variants": [variant]}
        return page([sing], call)

    @deployment.operation("GET", "/audit")
    def audit(call: Call) -> Reply:
        admin_only(deployment, call)
        row = {"at": NOW, "who": ADMIN, "operation": "publish_flow", "target": {"flow": "photo"}, "outcome": "done"}
        return page([{**row, "request": "r-1", "status": 201, "facts": {"version": 2}}], call)
