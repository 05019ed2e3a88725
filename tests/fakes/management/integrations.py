"""Operations of the fake API on integrations."""

from __future__ import annotations

import yaml

from tests.fakes.management.contents import Contents, Json, not_found, published
from tests.fakes.management.deployment import Call, Deployment, ProblemResponse, Reply, page, require_revision


def add_integrations(deployment: Deployment, contents: Contents) -> None:
    def find(name: str) -> list[str]:
        if name not in contents.integrations:
            raise not_found(name)
        return contents.integrations[name]

    def summary(name: str, live: int) -> Json:
        data = yaml.safe_load(contents.integrations[name][-1])
        call = {"method": data["method"], "url": data["url"], "used_by": ["photo"], "parameters": []}
        version = {key: value for key, value in published(live, live).items() if key != "live"}
        return {**version, **call, "name": name}

    @deployment.operation("GET", "/integrations")
    def list_integrations(call: Call) -> Reply:
        return page([summary(name, len(all_)) for name, all_ in contents.integrations.items()], call)

    @deployment.operation("POST", "/integrations/from-curl")
    def from_curl(call: Call) -> Reply:
        address = call.json["curl"].split()[1]
        document = {"integration": "claims", "method": "GET", "url": address}
        return Reply({"yaml": yaml.safe_dump(document), "document": document, "warnings": ["-k was left out."]})

    @deployment.operation("GET", "/integrations/{integration}")
    def show(call: Call, integration: str) -> Reply:
        text = find(integration)[-1]
        data = yaml.safe_load(text)
        return Reply(data, text=text if call.wants_yaml else "", revision=len(find(integration)))

    @deployment.operation("PUT", "/integrations/{integration}")
    def put(call: Call, integration: str) -> Reply:
        versions = contents.integrations.setdefault(integration, [])
        if versions:
            require_revision(call, len(versions))
        versions.append(call.body.decode())
        live = len(versions)
        return Reply({**published(live, live), "flows": ["photo"], "warnings": [], "warnings_found": []}, revision=live)

    @deployment.operation("DELETE", "/integrations/{integration}")
    def delete(call: Call, integration: str) -> Reply:
        require_revision(call, len(find(integration)))
        raise ProblemResponse(
            409,
            "integration-in-use",
            "Flows use this integration",
            used_by=[{"flow": "photo", "nodes": ["call", "again"]}],
        )

    @deployment.operation("GET", "/integrations/{integration}/versions")
    def versions(call: Call, integration: str) -> Reply:
        live = len(find(integration))
        return page([published(number, live) for number in range(live, 0, -1)], call)

    @deployment.operation("POST", "/integrations/{integration}/rollback")
    def rollback(call: Call, integration: str) -> Reply:
        find(integration).append(find(integration)[call.json["version"] - 1])
        live = len(find(integration))
        return Reply({**published(live, live), "flows": [], "warnings": [], "warnings_found": []}, status=201)

    @deployment.operation("POST", "/integrations/{integration}/try")
    def try_(call: Call, integration: str) -> Reply:
        return Reply({"warnings": [], "warnings_found": [], **contents.trial})
