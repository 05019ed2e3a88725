"""From what a business's API answered to an exit and a value: the other half of `chatflow.calls`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chatflow.ports import Answer
from chatflow.templating import as_text

ANSWER_LIMIT = 256 * 1024  # bytes of a JSON answer, decoded
DEEPEST = 32  # levels of an answer: as deep as a DynamoDB item may be
_EXACT_INTEGER = 2**53 - 1  # beyond it JSONata and JavaScript lose digits
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


def strict_json(body: bytes) -> Any:
    """The JSON in these bytes. Raises ValueError for what parsers disagree about.

    That is: duplicate keys, NaN and infinities, other encodings than UTF-8, more than 32 levels. Integers too large for
    a double become text, so that an identifier keeps its digits on its way through the state machine.
    """
    text = body.decode("utf-8-sig")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refused_number,
            parse_float=_finite,
            parse_int=_exact,
        )
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    _check_depth(value)
    return _whole_characters(value) if "\\u" in text else value


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


def _whole_characters(value: Any) -> Any:
    """The same, without halves of characters: an API may cut an emoji in two, and half of one cannot be sent on."""
    told = json.dumps(value, ensure_ascii=False)
    return json.loads(told.encode("utf-8", "replace"))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("JSON with one key twice")
    return found


def _refused_number(name: str) -> Any:
    raise ValueError(f"JSON with {name}")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused_number(text)


def _exact(text: str) -> int | str:
    return int(text) if len(text) < 20 and abs(int(text)) <= _EXACT_INTEGER else text


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise ValueError(f"JSON of more than {DEEPEST} levels")
