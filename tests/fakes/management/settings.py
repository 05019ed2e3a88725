"""Operations of the fake API on routes and secrets."""

from __future__ import annotations

import yaml

from tests.fakes.management.contents import NOW, Contents, admin_only, not_found, published
from tests.fakes.management.deployment import Call, Deployment, ProblemResponse, Reply, page, require_revision


def add_routes(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/routes")
    def get_routes(call: Call) -> Reply:
        text = contents.routes[-1]
        return Reply(yaml.safe_load(text), text=text if call.wants_yaml else "", revision=len(contents.routes))

    @deployment.operation("PUT", "/routes")
    def put_routes(call: Call) -> Reply:
        require_revision(call, len(contents.routes))
        if contents.problems:
            raise ProblemResponse(422, "invalid-flow", "The flow is not valid", problems=contents.problems)
        contents.routes.append(call.body.decode())
        return Reply(published(len(contents.routes), len(contents.routes)), revision=len(contents.routes))

    @deployment.operation("GET", "/routes/versions")
    def versions(call: Call) -> Reply:
        live = len(contents.routes)
        return page([published(number, live) for number in range(live, 0, -1)], call)

    @deployment.operation("POST", "/routes/rollback")
    def rollback(call: Call) -> Reply:
        contents.routes.append(contents.routes[call.json["version"] - 1])
        return Reply(published(len(contents.routes), len(contents.routes)), status=201)


def _secret(contents: Contents, name: str) -> dict[str, object]:
    return {"name": name, "updated_at": NOW, "hosts": contents.secret_hosts.get(name), "used_by": []}


def add_secrets(deployment: Deployment, contents: Contents) -> None:
    @deployment.operation("GET", "/secrets")
    def list_secrets(call: Call) -> Reply:
        return page([_secret(contents, name) for name in sorted(contents.secrets)], call)

    @deployment.operation("PUT", "/secrets/{secret}")
    def put(call: Call, secret: str) -> Reply:
        admin_only(deployment, call)
        contents.secrets[secret] = call.json["value"]
        if "hosts" in call.json:
            contents.secret_hosts[secret] = call.json["hosts"]
        return Reply()

    @deployment.operation("DELETE", "/secrets/{secret}")
    def delete(call: Call, secret: str) -> Reply:
        if secret not in contents.secrets:
            raise not_found(secret)
        del contents.secrets[secret]
        return Reply()
