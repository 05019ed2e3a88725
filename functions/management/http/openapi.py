"""The OpenAPI 3.1 document, made of the code. `python -m management.http.openapi` writes it to docs/openapi.json."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Route

from management.http.idempotency import HEADER
from management.http.openapi_responses import SCHEMAS, responses

Json = dict[str, Any]

BASE_PATH: Final = "/api/v1"
_COMMITTED: Final = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"
_ABOUT: Final = """The management API of Chatflow: assets, flows, integrations, conversations.

Errors are problem documents (RFC 9457). Lists are read page by page with `limit` and `cursor`. Whoever changes
something that exists sends the `ETag` that was read as `If-Match`. A POST with an `Idempotency-Key` is carried out
once. `x-role` of an operation is the role that it takes; the roles include one another: viewer, editor, admin."""
_POWERTOOLS: Final = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


def all_routes(resolver: ApiGatewayResolver) -> list[Route]:
    """Every route of the API, in the order in which the resolver tries them."""
    return [*resolver._static_routes, *resolver._dynamic_routes]


@cache
def document(resolver: ApiGatewayResolver) -> Json:
    """The OpenAPI document of the API with this resolver."""
    made: Json = json.loads(resolver.get_openapi_json_schema(title="Chatflow", version="1", description=_ABOUT))
    made["servers"] = [{"url": BASE_PATH}]
    made["security"] = [{"token": []}]
    paths: Json = {}
    for route in sorted(all_routes(resolver), key=lambda each: (each.openapi_path, each.method)):
        generated = made["paths"][route.openapi_path][route.method.lower()]
        paths.setdefault(route.openapi_path, {})[route.method.lower()] = _operation(route, generated)
    made["paths"] = paths
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _POWERTOOLS:
        schemas.pop(name, None)
    components["schemas"] = dict(sorted({**schemas, **SCHEMAS}.items()))
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of a user of the Cognito user pool.",
        }
    }
    tags = sorted({tag for methods in paths.values() for each in methods.values() for tag in each["tags"]})
    made["tags"] = [{"name": tag} for tag in tags]
    return {key: made[key] for key in ("openapi", "info", "servers", "security", "tags", "paths", "components")}


def text(resolver: ApiGatewayResolver) -> str:
    """The document as it is committed."""
    return json.dumps(document(resolver), ensure_ascii=False, indent=1) + "\n"


def _operation(route: Route, generated: Json) -> Json:
    about: Mapping[str, Any] = route.openapi_extensions or {}
    parameters = sorted(_parameters(route, generated), key=lambda each: (each["in"] != "path", each["in"]))
    body = {"required": True, "content": about["x-body"]} if "x-body" in about else generated.get("requestBody")
    made: Json = {
        "operationId": route.func.__name__,
        "summary": generated["summary"],
        "description": generated.get("description"),
        "tags": [_tag(route)],
        "x-role": about["x-role"],
        "x-changes": about["x-changes"] if route.method != "GET" else None,
        "parameters": parameters,
        "requestBody": body,
        "responses": responses(route, generated, about, takes_something=bool(parameters or body)),
    }
    return {key: value for key, value in made.items() if value not in (None, [], "")}


def _tag(route: Route) -> str:
    """The noun: the package of the route's module. The operations on routing are tagged by their path, `routes`."""
    noun = str(route.func.__module__.split(".")[-2])
    return "routes" if noun == "routing" else noun


def _parameters(route: Route, generated: Json) -> Iterator[Json]:
    for parameter in generated.get("parameters", []):
        schema = _plain(parameter["schema"])
        if parameter["in"] == "header":
            parameter["name"] = parameter["name"].title()
        yield {**parameter, "schema": schema}
    if route.method == "POST":
        yield {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "A text of your own, the same for each try of one request: it is carried out once.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
        }


def _plain(schema: Json) -> Json:
    """A parameter that may be left out is never null."""
    alternatives = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if len(alternatives) == 1 and len(alternatives) < len(schema["anyOf"]):
        schema = {**{key: value for key, value in schema.items() if key != "anyOf"}, **alternatives[0]}
    return {key: value for key, value in schema.items() if key != "title"}


def main() -> None:
    """Write the document to docs/openapi.json. Reads no environment and makes no AWS calls."""
    from chatflow.settings import ManagementSettings
    from management.dependencies import Dependencies
    from management.http.api import ManagementApi

    resolver = ManagementApi(Dependencies.from_settings(ManagementSettings())).resolver
    _COMMITTED.write_text(text(resolver), encoding="utf-8")
    operations = len(all_routes(resolver))
    sys.stdout.write(f"{operations} operations in {_COMMITTED.name}\n")


if __name__ == "__main__":
    main()
