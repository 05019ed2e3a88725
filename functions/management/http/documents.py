"""Flows, routes and integrations in requests and responses: JSON or YAML as the caller prefers, stored as YAML text."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from chatflow.flows.problems import Problem as FlowProblem
from chatflow.flows.yaml_documents import LARGEST, as_yaml
from chatflow.publishing.documents import document
from management.http.etags import etag
from management.http.problems import Problem, invalid_field

YAML: Final = "application/yaml"
_YAML_TYPES: Final = frozenset({YAML, "application/x-yaml", "text/yaml", "text/x-yaml"})
_LARGEST_JSON: Final = 3 * LARGEST  # bytes; as YAML it is at most so much smaller, and writing that takes time
_SCHEMA: Final = {"type": "object", "additionalProperties": True}

# For `openapi_options`: the content of a request body or a response that is a document.
DOCUMENT_CONTENT: Final = {"application/json": {"schema": _SCHEMA}, YAML: {"schema": {"type": "string"}}}

Note = Annotated[str, Query(max_length=500, description="Why, in a few words.")]


def read_document(id: str, event: BaseProxyEvent) -> str:
    """The document in a request's body, as YAML text.

    Raises Problem (unsupported-content, invalid-request, invalid-flow, too-large) if the body is not a document.
    """
    content_type = (event.headers.get("content-type") or "application/json").partition(";")[0].strip().lower()
    body = event.body or ""
    if content_type in _YAML_TYPES:
        return require_document(id, body)
    if content_type == "application/json":
        return require_document(id, yaml_from_json(_parse_json(body)))
    raise Problem("unsupported-content", f"send application/json or {YAML}, not {content_type[:100]}")


def yaml_from_json(data: Any) -> str:
    """A document that was sent as JSON, as YAML text. Raises Problem (invalid-request, too-large)."""
    if not isinstance(data, dict):
        raise invalid_field("body", "a document is an object: fields and values")
    try:
        size = len(json.dumps(data, ensure_ascii=False).encode())
        if size > _LARGEST_JSON:
            raise Problem(
                "too-large", f"a document has at most {LARGEST // 1024} KB, this one has {size // 1024} as JSON"
            )
        text = as_yaml(data)
    except RecursionError:
        raise invalid_field("body", "nested too deeply") from None
    except UnicodeEncodeError:
        raise invalid_field("body", "half of a character (a lone surrogate) is no text") from None
    return text


def require_document(id: str, text: str) -> str:
    """The text, unchanged, if it is a YAML mapping. Raises Problem (too-large, invalid-flow with the line)."""
    size = len(text.encode(errors="replace"))
    if size > LARGEST:
        raise Problem("too-large", f"a document has at most {LARGEST // 1024} KB, this one {size // 1024}")
    read = document(id, text)
    if read.data is None or read.has_anchors:
        raise invalid_flow(list(read.problems))
    if not isinstance(read.data, dict):
        raise invalid_flow([read.problem((), "A document holds fields and values, such as `title: Welcome`.")])
    return text


def invalid_flow(problems: list[FlowProblem]) -> Problem:
    """The problems of a document as one problem of the API."""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return Problem("invalid-flow", f"{problems[0]}{more}", problems=[problem.to_json() for problem in problems])


def document_response(id: str, text: str, event: BaseProxyEvent, revision: int | None = None) -> Response[Any]:
    """A document as YAML if the caller accepts that, else as JSON; with an ETag if it has a revision."""
    headers: dict[str, Any] = {"Vary": "Accept", **({} if revision is None else {"ETag": etag(revision)})}
    if any(content_type in (event.headers.get("accept") or "").lower() for content_type in _YAML_TYPES):
        return Response(200, content_type=YAML, body=text, headers=headers)
    data = document(id, text).data
    return Response(200, content_type="application/json", body=data, headers=headers)


def _parse_json(body: str) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(f"{name[:20]} is no number that can be kept")

    def finite(text: str) -> float:
        number = float(text)
        return number if math.isfinite(number) else refuse(text)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            raise ValueError("a field is written twice")
        return fields

    try:
        return json.loads(body, parse_constant=refuse, parse_float=finite, object_pairs_hook=unique)
    except ValueError as error:
        raise invalid_field("body", f"not JSON: {error}") from None
    except RecursionError:
        raise invalid_field("body", "nested too deeply") from None
