"""Maps the response of a business's API to an exit and a value."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chatflow.nodes.ports import Answer
from chatflow.strict_json import strict_json
from chatflow.templating import as_text

ANSWER_LIMIT = 256 * 1024  # bytes of a JSON answer, decoded
_SIMPLE_PATH = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]{1,6}\])*", re.ASCII)
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]", re.ASCII)


@dataclass(frozen=True)
class Reading:
    """What an answer means. `reason` is "" or why the exit is `failure`; `value` is what the base element holds."""

    exit: str
    reason: str = ""  # status, not_json
    value: Any = None


def read(answer: Answer, integration: Mapping[str, Any], values: Collection[str] = ()) -> Reading:
    """Exit: an exact value of the element validation first (one of `values`), then `success`, else `failure`.

    A page of HTML beside a status that means failure is common and changes nothing; beside one that means success it
    is a failure of its own, `not_json`.
    """
    response = integration.get("response") or {}
    wanted = response.get("success") or range(200, 300)
    succeeded = answer.status in wanted
    validation = response.get("element_validation") or "HTTP_RESPONSE_CODE"
    document: Any = None
    if not answer.file:
        try:
            document = strict_json(answer.body) if answer.body.strip() else None
        except ValueError:
            if succeeded:
                return Reading("failure", "not_json")
    if answer.file:
        value: Any = answer.file.to_json()
    elif response.get("content_type") == "file":
        value = None  # what an error says in JSON is no file
    else:
        value = _inside(response.get("base_element") or "$", document)
    if validation == "HTTP_RESPONSE_CODE":
        told = str(answer.status) if str(answer.status) in values else ""
    else:
        found = _found(validation, document)
        told = as_text(found[0]) if found else ""
        told = told if told in {*values, "success", "failure"} else ""
    if told:
        return Reading(told, value=value)
    return Reading("success", value=value) if succeeded else Reading("failure", "status", value)


def _inside(path: str, document: Any) -> Any:
    found = _found(path, document)
    return None if not found else found[0] if len(found) == 1 else found


def _found(path: str, document: Any) -> list[Any]:
    """All that an RFC 9535 path finds. The usual paths are walked by hand, since the library takes long to import."""
    if not _SIMPLE_PATH.fullmatch(path):
        return _compiled(path).findall(document) if isinstance(document, dict | list) else []
    for key, index in _STEP.findall(path):
        if key and isinstance(document, dict) and key in document:
            document = document[key]
        elif index and isinstance(document, list) and int(index) < len(document):
            document = document[int(index)]
        else:
            return []
    return [document]


@lru_cache(maxsize=256)
def _compiled(path: str) -> Any:
    import jsonpath

    return jsonpath.compile(path, strict=True)
