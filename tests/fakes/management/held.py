"""Operations of the fake API on held calls and hosts."""

from __future__ import annotations

from tests.fakes.management.contents import Contents
from tests.fakes.management.deployment import Call, Deployment, ProblemResponse, Reply, page

_AT_ONCE = 2  # calls of a host for which one request queues events


def add_held(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/held")
    def list_held(call: Call) -> Reply:
        return page([each for each in contents.held if call.params.get("host", each["host"]) == each["host"]], call)

    @deployment.operation("GET", "/hosts")
    def list_hosts(call: Call) -> Reply:
        return page(contents.hosts, call)

    for action in ("retry", "give-up"):

        @deployment.operation("POST", f"/held/{action}")
        def act(call: Call) -> Reply:
            if conversation := call.json.get("conversation"):
                if conversation not in [each["conversation"] for each in contents.held]:
                    raise ProblemResponse(409, "not-held", "No call is held")
                return Reply({"sent": 1, "conversation": conversation, "event": "e-1", "next": None}, status=202)
            found = [each for each in contents.held if each["host"] == call.json["host"]]
            start = int(call.json.get("cursor", "0"))
            sent, end = found[start : start + _AT_ONCE], start + _AT_ONCE
            following = str(end) if end < len(found) else None
            return Reply({"sent": len(sent), "conversation": None, "event": None, "next": following}, status=202)
