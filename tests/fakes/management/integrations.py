"""Calls to the business."""

from __future__ import annotations

import yaml

from tests.fakes.management.contents import Contents, Json, missing, published
from tests.fakes.management.deployment import Call, Deployment, Refused, Reply, page, seen


def add_integrations(deployment: Deployment, contents: Contents) -> None:
    def known(name: str) -> list[str]:
        if name not in contents.integrations:
            raise missing(name)
        return contents.integrations[name]

    def head(name: str, live: int) -> Json:
        data = yaml.safe_load(contents.integrations[name][-1])
        call = {"method": data["method"], "url": data["url"], "used_by": ["photo"]}
        told = {key: value for key, value in published(live, live).items() if key != "live"}
        return {**told, **call, "name": name}

    @deployment.operation("GET", "/integrations")
    def list_integrations(call: Call) -> Reply:
        return page([head(name, len(all_)) for name, all_ in contents.integrations.items()], call)

    @deployment.operation("GET", "/integrations/{integration}")
    def show(call: Call, integration: str) -> Reply:
        text = known(integration)[-1]
        data = yaml.safe_load(text)
        return Reply(data, text=text if call.wants_yaml else "", revision=len(known(integration)))

    @deployment.operation("PUT", "/integrations/{integration}")
    def put(call: Call, integration: str) -> Reply:
        versions = contents.integrations.setdefault(integration, [])
        if versions:
            seen(call, len(versions))
        versions.append(call.body.decode())
        live = len(versions)
        return Reply({**published(live, live), "flows": ["photo"]}, revision=live)

    @deployment.operation("DELETE", "/integrations/{integration}")
    def delete(call: Call, integration: str) -> Reply:
        seen(call, len(known(integration)))
        raise Refused(
            409,
            "integration-in-use",
            "Flows use this integration",
            used_by=[{"flow": "photo", "nodes": ["call", "again"]}],
        )

    @deployment.operation("GET", "/integrations/{integration}/versions")
    def versions(call: Call, integration: str) -> Reply:
        live = len(known(integration))
        return page([published(number, live) for number in range(live, 0, -1)], call)

    @deployment.operation("POST", "/integrations/{integration}/rollback")
    def rollback(call: Call, integration: str) -> Reply:
        known(integration).append(known(integration)[call.json["version"] - 1])
        live = len(known(integration))
        return Reply({**published(live, live), "flows": []}, status=201)

    @deployment.operation("POST", "/integrations/{integration}/try")
    def try_(call: Call, integration: str) -> Reply:
        return Reply(contents.trial)
