"""What an operation may answer, for the OpenAPI document: its success, its problems, and what the gateway refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aws_lambda_powertools.event_handler.api_gateway import Route

from management.http.idempotency import REPLAYED
from management.http.problems import KINDS, MEDIA_TYPE

Json = dict[str, Any]

_ALWAYS: Final = ("forbidden", "internal", "unavailable")
_GATEWAY: Final = {401: "No token, or one that does not hold.", 429: "Too many requests; ask again in a moment."}
_PROBLEM: Final[Json] = {
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


_REFUSAL: Final[Json] = {
    "type": "object",
    "description": "What API Gateway itself answers, before the request reaches Chatflow.",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
}
SCHEMAS: Final[Json] = {"Problem": _PROBLEM, "Refusal": _REFUSAL}


def responses(route: Route, generated: Json, about: Mapping[str, Any], *, takes_something: bool) -> Json:
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
