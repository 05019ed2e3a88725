"""The OpenAPI 3.1 document of the API, generated from the code.

Every route declares the options that `openapi_options` gives it; the API enforces its role and its audit by the same
options. `python -m management.write_openapi` writes the document to docs/openapi.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal

from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Route

from management.http.auth import Role
from management.http.idempotency import HEADER, REPLAYED
from management.http.problems import MEDIA_TYPE, PROBLEM_TYPES

Json = dict[str, Any]

BASE_PATH: Final = "/api/v1"
_DESCRIPTION: Final = """The management API of Chatflow: assets, flows, integrations, conversations.

Errors are problem documents (RFC 9457). Lists are read page by page with `limit` and `cursor`. A request that
changes an existing resource sends the `ETag` that was read as `If-Match`. A POST with an `Idempotency-Key` is carried
out once. `x-role` is the role that an operation requires; each role includes those before it: viewer, editor, admin."""
_POWERTOOLS_SCHEMAS: Final = ("HTTPValidationError", "ValidationError", "ResponseValidationError")
_ALWAYS: Final = ("forbidden", "internal", "unavailable")
_GATEWAY: Final = {401: "No token, or an invalid one.", 429: "Too many requests; try again in a moment."}
_PROBLEM: Final[Json] = {
    "type": "object",
    "description": "A problem document (RFC 9457). Some types have additional members.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:chatflow:problem:{slug}" for slug in PROBLEM_TYPES]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "Identifies the request in the function's log."},
    },
    "additionalProperties": True,
}
_REFERENCE: Final[Json] = {
    "type": "object",
    "title": "Reference",
    "description": "The response to a repeat with the same Idempotency-Key: the content of the first is not stored.",
    "required": ["request"],
    "properties": {"request": {"type": "string", "description": "The id of the first request, as in the audit."}},
    "additionalProperties": False,
}
_REFUSAL: Final[Json] = {
    "type": "object",
    "description": "The response of API Gateway itself, before the request reaches Chatflow.",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
}


def openapi_options(
    *,
    role: Role,
    summary: str,
    description: str = "",
    problems: Sequence[str] = (),
    status: int = 200,
    changes: bool = True,
    shows_customers: bool = False,
    repeat: Literal["response", "reference"] = "response",
    etag: bool = False,
    body: dict[str, Any] | None = None,
    response_content: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The keyword arguments for `@router.get(...)` and its siblings.

    `problems`: the slugs that the operation answers in addition to those of every operation. `changes`: False for an
    operation that changes nothing that anyone has to answer for, so that it leaves no audit row (a GET never does).
    `shows_customers`: its response holds what a customer sent, or finds a customer, so that reading it leaves an
    audit row. `repeat`: "reference" for a POST whose response holds customers' data: a repeat with the same key gets
    its status and the id of the first request only, because nothing else is stored.
    `etag`: its responses carry an ETag.
    `body`: the content of a request body that the handler reads itself, {media type: {"schema": ...}}.
    `response_content`: content of its success in the same form, in addition to its return type.
    """
    extensions: dict[str, Any] = {
        "x-role": role,
        "x-problems": list(problems),
        "x-changes": changes,
        "x-shows-customers": shows_customers,
        "x-repeat": repeat,
        "x-etag": etag,
        "x-answers": response_content or {},
    }
    if body:
        extensions["x-body"] = body
    return {
        "summary": summary,
        "description": description or None,
        "status_code": status,
        "openapi_extensions": extensions,
    }


def all_routes(resolver: ApiGatewayResolver) -> list[Route]:
    """Every route of the API, in the order in which the resolver tries them."""
    return [*resolver._static_routes, *resolver._dynamic_routes]


@cache
def document(resolver: ApiGatewayResolver) -> Json:
    """The OpenAPI document of the API with this resolver."""
    generated: Json = json.loads(
        resolver.get_openapi_json_schema(title="Chatflow", version="1", description=_DESCRIPTION)
    )
    paths: Json = {}
    for route in sorted(all_routes(resolver), key=lambda each: (each.openapi_path, each.method)):
        method = route.method.lower()
        paths.setdefault(route.openapi_path, {})[method] = _operation(
            route, generated["paths"][route.openapi_path][method]
        )
    components = generated.setdefault("components", {})
    schemas = {
        name: schema for name, schema in components.get("schemas", {}).items() if name not in _POWERTOOLS_SCHEMAS
    }
    components["schemas"] = dict(sorted({**schemas, "Problem": _PROBLEM, "Refusal": _REFUSAL}.items()))
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of a user of the Cognito user pool.",
        }
    }
    tags = sorted({tag for methods in paths.values() for each in methods.values() for tag in each["tags"]})
    return {
        "openapi": generated["openapi"],
        "info": generated["info"],
        "servers": [{"url": BASE_PATH}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": components,
    }


def text(resolver: ApiGatewayResolver) -> str:
    """The document as it is committed."""
    return json.dumps(document(resolver), ensure_ascii=False, indent=1) + "\n"


def _operation(route: Route, generated: Json) -> Json:
    options: Mapping[str, Any] = route.openapi_extensions or {}
    parameters = sorted(_parameters(route, generated), key=lambda each: (each["in"] != "path", each["in"]))
    body = {"required": True, "content": options["x-body"]} if "x-body" in options else generated.get("requestBody")
    operation: Json = {
        "operationId": route.func.__name__,
        "summary": generated["summary"],
        "description": generated.get("description"),
        "tags": [_tag(route)],
        "x-role": options["x-role"],
        "x-changes": options["x-changes"] if route.method != "GET" else None,
        "x-shows-customers": options["x-shows-customers"] or None,
        "x-repeat": options["x-repeat"] if options["x-repeat"] != "response" else None,
        "parameters": parameters,
        "requestBody": body,
        "responses": _responses(route, generated, has_input=bool(parameters or body)),
    }
    return {key: value for key, value in operation.items() if value not in (None, [], "")}


def _tag(route: Route) -> str:
    """The noun: the package of the route's module. The operations on routing are tagged by their path, `routes`."""
    noun = str(route.func.__module__.split(".")[-2])
    return "routes" if noun == "routing" else noun


def _parameters(route: Route, generated: Json) -> Iterator[Json]:
    for parameter in generated.get("parameters", []):
        schema = _not_nullable(parameter["schema"])
        if parameter["in"] == "header":
            parameter["name"] = parameter["name"].title()
        yield {**parameter, "schema": schema}
    if route.method == "POST":
        yield {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "The same text for each try of one request, which is then carried out once.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
        }


def _not_nullable(schema: Json) -> Json:
    """The schema of an optional parameter: it may be left out, but is never null."""
    alternatives = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if len(alternatives) == 1 and len(alternatives) < len(schema["anyOf"]):
        schema = {**{key: value for key, value in schema.items() if key != "anyOf"}, **alternatives[0]}
    return {key: value for key, value in schema.items() if key != "title"}


def _responses(route: Route, generated: Json, *, has_input: bool) -> Json:
    """All responses of an operation by status: its success, its problems, and the refusals of API Gateway."""
    success = {str(route.status_code): _success(route, generated)}
    gateway = {str(status): _gateway_response(description) for status, description in _GATEWAY.items()}
    slugs: dict[str, list[str]] = {}
    for slug in dict.fromkeys(_problem_slugs(route, generated, has_input=has_input)):
        slugs.setdefault(str(PROBLEM_TYPES[slug].status), []).append(slug)
    problems = {status: _problem_response(each) for status, each in slugs.items()}
    return dict(sorted({**success, **gateway, **problems}.items()))


def _success(route: Route, generated: Json) -> Json:
    options: Mapping[str, Any] = route.openapi_extensions or {}
    status = str(route.status_code)
    success: Json = {"description": generated["summary"]}
    headers = {}
    if options["x-etag"]:
        headers["ETag"] = _header("The revision, to send back as If-Match.", '"r12"')
    if route.method == "POST":
        headers[REPLAYED] = _header("`true` if the stored response to this key is sent again.", "true")
    if headers:
        success["headers"] = headers
    content = {**generated["responses"].get(status, {}).get("content", {}), **options["x-answers"]}
    if options["x-repeat"] == "reference":
        schema = content["application/json"]["schema"]
        content["application/json"] = {"schema": {"anyOf": [schema, _REFERENCE]}}
    if status != "204" and content:
        success["content"] = content
    return success


def _problem_slugs(route: Route, generated: Json, *, has_input: bool) -> Iterator[str]:
    options: Mapping[str, Any] = route.openapi_extensions or {}
    yield from _ALWAYS
    yield from options["x-problems"]
    if "{" in route.openapi_path:
        yield "not-found"  # nothing has this name, or nothing could
    if generated.get("requestBody") or "x-body" in options:
        yield "unsupported-content"
    if has_input:
        yield "invalid-request"
    if route.method == "POST":
        yield from ("in-progress", "idempotency-key-reused")
    if any(parameter["name"].title() == "If-Match" for parameter in generated.get("parameters", [])):
        yield "edit-conflict"


def _problem_response(slugs: list[str]) -> Json:
    description = "; ".join(f"`{slug}`: {PROBLEM_TYPES[slug].title}" for slug in slugs)
    return {"description": description, "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}


def _gateway_response(description: str) -> Json:
    content: Json = {"application/json": {"schema": _ref("Refusal")}, MEDIA_TYPE: {"schema": _ref("Problem")}}
    return {"description": description, "content": content}


def _header(description: str, example: str) -> Json:
    return {"description": description, "schema": {"type": "string"}, "example": example}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
