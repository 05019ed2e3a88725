"""Flows, routes and integrations as they travel: JSON or YAML, as the caller says; kept as YAML text."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from chatflow.flows.problems import Problem as Mistake
from chatflow.flows.yaml_documents import LARGEST, as_yaml
from chatflow.publishing.live_validation import document
from management.http.etags import etag
from management.http.problems import Problem, invalid

YAML: Final = "application/yaml"
_YAML_TYPES: Final = frozenset({YAML, "application/x-yaml", "text/yaml", "text/x-yaml"})
_SCHEMA: Final = {"type": "object", "additionalProperties": True}

# For `documented`: bodies and answers that hold a document.
BODY: Final = {"application/json": {"schema": _SCHEMA}, YAML: {"schema": {"type": "string"}}}
ANSWERS: Final = BODY


def received(id: str, event: BaseProxyEvent) -> str:
    """The document in a request's body, as YAML text. Raises Problem when nothing could be understood of it."""
    kind = (event.headers.get("content-type") or "application/json").partition(";")[0].strip().lower()
    body = event.body or ""
    if kind in _YAML_TYPES:
        return readable(id, body)
    if kind == "application/json":
        return readable(id, from_json(_parsed(body)))
    raise Problem("unsupported-content", f"send application/json or {YAML}, not {kind[:100]}")


def from_json(data: Any) -> str:
    """A document that came as JSON, as YAML text. Raises Problem."""
    if not isinstance(data, dict):
        raise invalid("body", "a document is an object: fields and values")
    try:
        json.dumps(data, ensure_ascii=False).encode()
        text = as_yaml(data)
    except RecursionError:
        raise invalid("body", "nested too deeply") from None
    except UnicodeEncodeError:
        raise invalid("body", "half of a character (a lone surrogate) is no text") from None
    return text


def readable(id: str, text: str) -> str:
    """The text, when it is a document at all. Raises Problem (too-large, invalid-flow with the line)."""
    size = len(text.encode(errors="replace"))
    if size > LARGEST:
        raise Problem("too-large", f"a document has at most {LARGEST // 1024} KB, this one {size // 1024}")
    read = document(id, text)
    if read.data is None:
        raise mistaken(list(read.problems))
    if not isinstance(read.data, dict):
        raise mistaken([read.problem((), "A document holds fields and values, such as `title: Welcome`.")])
    return text


def mistaken(problems: list[Mistake]) -> Problem:
    """The problems of a document as the API tells them."""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    told = [problem.to_json() for problem in problems]
    return Problem("invalid-flow", f"{problems[0]}{more}", problems=told)


def answered(id: str, text: str, event: BaseProxyEvent, revision: int | None = None) -> Response[Any]:
    """A document, as YAML when the caller accepts that, else as JSON."""
    headers: dict[str, Any] = {"Vary": "Accept", **({} if revision is None else {"ETag": etag(revision)})}
    if any(kind in (event.headers.get("accept") or "").lower() for kind in _YAML_TYPES):
        return Response(200, content_type=YAML, body=text, headers=headers)
    data = document(id, text).data
    return Response(200, content_type="application/json", body=data, headers=headers)


def _parsed(body: str) -> Any:
    def refused(name: str) -> Any:
        raise ValueError(f"{name[:20]} is no number that can be kept")

    def finite(text: str) -> float:
        number = float(text)
        return number if math.isfinite(number) else refused(text)

    def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a field is written twice")
        return found

    try:
        return json.loads(body, parse_constant=refused, parse_float=finite, object_pairs_hook=each_once)
    except ValueError as error:
        raise invalid("body", f"not JSON: {error}") from None
    except RecursionError:
        raise invalid("body", "nested too deeply") from None
