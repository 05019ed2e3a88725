"""Maps the response of a business's API to an exit and a value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass
from typing import Any

from chatflow.integrations.simple_paths import is_simple, resolve
from chatflow.nodes.ports import Answer
from chatflow.strict_json import strict_json
from chatflow.templating import as_text

ANSWER_LIMIT = 256 * 1024  # bytes of a JSON answer, decoded


@dataclass(frozen=True)
class MappedResponse:
    """The meaning of an answer. `reason`: why the exit is `failure`, else "". `value`: the base element's content."""

    exit: str
    reason: str = ""  # status, not_json, path
    value: Any = None
    error: str = ""  # why a JSONPath could not be evaluated


def map_response(
    answer: Answer,
    integration: Mapping[str, Any],
    values: Collection[str] = (),
    expired: Callable[[], bool] = lambda: False,
) -> MappedResponse:
    """Exit: an exact value of the element validation first (one of `values`), then `success`, else `failure`.

    A body that is not JSON is common with a status that means failure, and changes nothing. With a status that means
    success, it is a failure with the reason `not_json`. A JSONPath that takes too many steps on this answer, or that is
    not done when `expired` holds, is a failure with the reason `path`.
    """
    try:
        return _map(answer, integration, values, expired)
    except _PathFailed as failed:
        return MappedResponse("failure", "path", error=str(failed))


def success_statuses(integration: Mapping[str, Any]) -> Container[int]:
    """The HTTP statuses that mean success."""
    return (integration.get("response") or {}).get("success") or range(200, 300)


class _PathFailed(Exception):
    """A JSONPath that could not be evaluated on an answer; the message is the reason."""


def _map(
    answer: Answer, integration: Mapping[str, Any], values: Collection[str], expired: Callable[[], bool]
) -> MappedResponse:
    response = integration.get("response") or {}
    succeeded = answer.status in success_statuses(integration)
    validation = response.get("element_validation") or "HTTP_RESPONSE_CODE"
    document: Any = None
    if not answer.file:
        try:
            document = strict_json(answer.body) if answer.body.strip() else None
        except ValueError:
            if succeeded:
                return MappedResponse("failure", "not_json")
    if answer.file:
        value: Any = answer.file.to_json()
    elif response.get("content_type") == "file":
        value = None  # the JSON body of an error is no file
    else:
        value = _element(response.get("base_element") or "$", document, expired)
    if validation == "HTTP_RESPONSE_CODE":
        exit = str(answer.status) if str(answer.status) in values else ""
    else:
        matches = _find(validation, document, expired)
        exit = as_text(matches[0]) if matches else ""
        exit = exit if exit in {*values, "success", "failure"} else ""
    if exit:
        return MappedResponse(exit, value=value)
    return MappedResponse("success", value=value) if succeeded else MappedResponse("failure", "status", value)


def _element(path: str, document: Any, expired: Callable[[], bool]) -> Any:
    matches = _find(path, document, expired)
    return None if not matches else matches[0] if len(matches) == 1 else matches


def _find(path: str, document: Any, expired: Callable[[], bool]) -> list[Any]:
    """All matches of an RFC 9535 path."""
    if is_simple(path):
        return resolve(path, document)
    from chatflow.integrations.json_path import BadPath, TooMuchWork, find

    try:
        return find(path, document, expired) if isinstance(document, dict | list) else []
    except (BadPath, TooMuchWork) as error:
        raise _PathFailed(str(error)) from None
