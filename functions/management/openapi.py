"""The OpenAPI 3.1 document, made of the code. `python -m management.openapi` writes it to docs/openapi.json."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from aws_lambda_powertools.event_handler.api_gateway import Route

from management.problems import KINDS, MEDIA_TYPE
from management.repeats import HEADER, REPLAYED

Json = dict[str, Any]

_COMMITTED: Final = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
_ABOUT: Final = """The management API of Chatflow: assets, flows, integrations, conversations.

Errors are problem documents (RFC 9457). Lists are read page by page with `limit` and `cursor`. Whoever changes
something that exists sends the `ETag` that was read as `If-Match`. A POST with an `Idempotency-Key` is carried out
once. `x-role` of an operation is the role that it takes; the roles include one another: viewer, editor, admin."""
_ALWAYS: Final = ("forbidden", "internal", "unavailable")
_GATEWAY: Final = {401: "No token, or one that does not hold.", 429: "Too many requests; ask again in a moment."}
_POWERTOOLS: Final = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


@cache
def document() -> Json:
    """The whole API."""
    from management.api import PREFIX, api, routes

    made: Json = json.loads(api.get_openapi_json_schema(title="Chatflow", version="1", description=_ABOUT))
    made["servers"] = [{"url": PREFIX}]
    made["security"] = [{"token": []}]
    paths: Json = {}
    for route in sorted(routes(), key=lambda each: (each.openapi_path, each.method)):
        generated = made["paths"][route.openapi_path][route.method.lower()]
        paths.setdefault(route.openapi_path, {})[route.method.lower()] = _operation(route, generated)
    made["paths"] = paths
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _POWERTOOLS:
        schemas.pop(name, None)
    components["schemas"] = dict(sorted({**schemas, "Problem": _problem(), "Refusal": _refusal()}.items()))
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


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def _operation(route: Route, generated: Json) -> Json:
    about: Mapping[str, Any] = route.openapi_extensions or {}
    parameters = sorted(_parameters(route, generated), key=lambda each: (each["in"] != "path", each["in"]))
    body = {"required": True, "content": about["x-body"]} if "x-body" in about else generated.get("requestBody")
    made: Json = {
        "operationId": route.func.__name__,
        "summary": generated["summary"],
        "description": generated.get("description"),
        "tags": [route.func.__module__.rpartition(".")[2]],
        "x-role": about["x-role"],
        "x-changes": about["x-changes"] if route.method != "GET" else None,
        "parameters": parameters,
        "requestBody": body,
        "responses": _responses(route, generated, about, takes_something=bool(parameters or body)),
    }
    return {key: value for key, value in made.items() if value not in (None, [], "")}


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


def _responses(route: Route, generated: Json, about: Mapping[str, Any], *, takes_something: bool) -> Json:
    status = str(route.status_code)
    success: Json = {"description": generated["summary"]}
    headers = {}
    if about["x-etag"]:
        headers["ETag"] = _header("The revision, to send back as If-Match.", '"r12"')
    if route.method == "POST":
        headers[REPLAYED] = _header("`true` when an earlier answer to the same Idempotency-Key is sent again.", "true")
    if headers:
        success["headers"] = headers
    content = {**generated["responses"].get(status, {}).get("content", {}), **about["x-answers"]}
    if status != "204" and content:
        success["content"] = content
    slugs = [*_ALWAYS, *about["x-problems"]]
    if "{" in route.openapi_path:
        slugs.append("not-found")  # no such thing, or no name that any thing could have
    if generated.get("requestBody") or "x-body" in about:
        slugs.append("unsupported-content")
    if takes_something:
        slugs.append("invalid-request")
    if route.method == "POST":
        slugs += ["in-progress", "idempotency-key-reused"]
    if any(parameter["name"].title() == "If-Match" for parameter in generated.get("parameters", [])):
        slugs.append("edit-conflict")
    refusals: dict[str, list[str]] = {}
    for slug in slugs:
        of_status = refusals.setdefault(str(KINDS[slug].status), [])
        if slug not in of_status:
            of_status.append(slug)
    problems = {each: _problem_response(found) for each, found in refusals.items()}
    gateway = {str(each): _gateway_response(why) for each, why in _GATEWAY.items()}
    return dict(sorted({status: success, **gateway, **problems}.items()))


def _problem_response(slugs: list[str]) -> Json:
    described = "; ".join(f"`{slug}`: {KINDS[slug].title}" for slug in slugs)
    return {"description": described, "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}


def _gateway_response(why: str) -> Json:
    content: Json = {"application/json": {"schema": _ref("Refusal")}, MEDIA_TYPE: {"schema": _ref("Problem")}}
    return {"description": why, "content": content}


def _header(about: str, example: str) -> Json:
    return {"description": about, "schema": {"type": "string"}, "example": example}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _problem() -> Json:
    return {
        "type": "object",
        "description": "A problem document (RFC 9457). Some kinds have members of their own.",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": {"type": "string", "enum": [f"urn:chatflow:problem:{slug}" for slug in KINDS]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "description": "Names the request in the function's log."},
        },
        "additionalProperties": True,
    }


def _refusal() -> Json:
    return {
        "type": "object",
        "description": "What API Gateway itself answers, before the request reaches Chatflow.",
        "required": ["message"],
        "properties": {"message": {"type": "string"}},
    }


def main() -> None:
    """Write it where it is committed."""
    _COMMITTED.write_text(text(), encoding="utf-8")
    operations = len(re.findall(r'"operationId"', text()))
    sys.stdout.write(f"{operations} operations in {_COMMITTED.name}\n")


if __name__ == "__main__":
    main()
