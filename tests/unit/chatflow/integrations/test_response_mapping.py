"""From an answer to an exit: which value decides, and what is no JSON to us."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.integrations.response_mapping import MappedResponse, map_response
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Answer
from chatflow.strict_json import MAX_DEPTH, strict_json

REPORT = MediaReference("media/c_1/s/3-ab", "ab" * 32, 7, "application/pdf", "document", "report.pdf")


def answered(status: int = 200, body: Any = b"", **response: Any) -> tuple[Answer, dict[str, Any]]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    written = {
        "content_type": "application/json",
        "base_element": "$",
        "element_validation": "HTTP_RESPONSE_CODE",
        "success": [],
        **response,
    }
    return Answer(status, {}, content), {"response": written}


@pytest.mark.parametrize(
    ("status", "values", "success", "exit_", "reason"),
    [
        (200, [], [], "success", ""),
        (204, [], [], "success", ""),
        (299, [], [], "success", ""),
        (301, [], [], "failure", "status"),
        (404, [], [], "failure", "status"),
        (500, [], [], "failure", "status"),
        (404, ["404"], [], "404", ""),
        (201, ["201"], [], "201", ""),
        (409, [], [200, 409], "success", ""),
        (201, [], [200, 409], "failure", "status"),
    ],
)
def test_the_status_chooses_the_exit(
    status: int, values: list[str], success: list[int], exit_: str, reason: str
) -> None:
    answer, written = answered(status, {"a": 1}, success=success)
    assert map_response(answer, written, values) == MappedResponse(exit_, reason, {"a": 1})


@pytest.mark.parametrize(
    ("body", "status", "exit_", "reason"),
    [
        ({"result": {"code": "approved"}}, 200, "approved", ""),
        ({"result": {"code": "approved"}}, 500, "approved", ""),
        ({"result": {"code": 7}}, 200, "7", ""),
        ({"result": {"code": True}}, 200, "true", ""),
        ({"result": {"code": "Approved"}}, 200, "success", ""),
        ({"result": {"code": "unheard of"}}, 200, "success", ""),
        ({"result": {"code": "unheard of"}}, 500, "failure", "status"),
        ({"result": {"code": "failure"}}, 200, "failure", ""),
        ({"result": {}}, 200, "success", ""),
        ([], 200, "success", ""),
        (b"", 200, "success", ""),
    ],
)
def test_an_exact_value_of_the_element_chooses_first(body: Any, status: int, exit_: str, reason: str) -> None:
    answer, written = answered(status, body, element_validation="$.result.code")
    reading = map_response(answer, written, ["approved", "7", "true"])
    assert (reading.exit, reading.reason) == (exit_, reason)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", {"claim": {"id": 7, "odd key": 1}, "list": [{"id": 1}, {"id": 2}]}),
        ("$.claim", {"id": 7, "odd key": 1}),
        ("$.claim.id", 7),
        ("$.list[1].id", 2),
        ("$.list[9].id", None),
        ("$.nothing.here", None),
        ("$.claim[0]", None),
        ("$['claim']['odd key']", 1),
        ("$..claim", {"id": 7, "odd key": 1}),
        ("$.list[*].id", [1, 2]),
        ("$.list[-1].id", 2),
        ("$.list[?@.id == 2].id", 2),
        ("$.nowhere[*]", None),
    ],
)
def test_the_base_element_is_what_a_path_finds(path: str, value: Any) -> None:
    document = {"claim": {"id": 7, "odd key": 1}, "list": [{"id": 1}, {"id": 2}]}
    answer, written = answered(200, document, base_element=path)
    assert map_response(answer, written) == MappedResponse("success", "", value)


def test_usual_paths_do_not_load_the_library() -> None:
    code = (
        "import sys\n"
        "from chatflow.flows.deployment_values import Deployment\n"
        "from chatflow.flows.integrations import Integration, findings\n"
        "from chatflow.integrations.response_mapping import map_response\n"
        "from chatflow.nodes.ports import Answer\n"
        "map_response(Answer(200, {}, b'{\"a\": [{\"b\": 1}]}'), {'response': {'base_element': '$.a[0].b',"
        " 'element_validation': '$.a'}})\n"
        "written = {'integration': 'claim', 'method': 'GET', 'url': 'https://api.example.com',"
        " 'response': {'base_element': '$.a[0].b', 'element_validation': '$.a'}}\n"
        "assert list(findings(Integration.model_validate(written), Deployment())) == []\n"
        "sys.exit('jsonpath' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=False).returncode
        == 0
    )


BROKEN = [
    b"<html>Welcome</html>",
    b"{",
    b'{"a": 1',
    b'{"a": 1} {"b": 2}',
    b'{"a": 1, "a": 2}',
    b'{"a": {"b": 1, "b": 1}}',
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": 1e999}',
    b"\xff\xfe{\x00}\x00",
    b'{"a": "\xff"}',
    b"[" * 100_000,
    b"[" * 10_000 + b"]" * 10_000,
    b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    b"\x1f\x8b\x08\x00",
    b"'single'",
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_json_is_a_failure_of_its_own(body: bytes) -> None:
    answer, written = answered(200, body)
    assert map_response(answer, written, ["200"]) == MappedResponse("failure", "not_json")


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_an_error_page_beside_an_error_status_changes_nothing(body: bytes) -> None:
    answer, written = answered(404, body)
    assert map_response(answer, written) == MappedResponse("failure", "status")
    assert map_response(answer, written, ["404"]) == MappedResponse("404")


@pytest.mark.parametrize("body", [b"", b" \r\n", b"\xef\xbb\xbf"])
def test_an_empty_body_is_no_value(body: bytes) -> None:
    answer, written = answered(204, body)
    if body.strip():
        assert map_response(answer, written) == MappedResponse("failure", "not_json")
    else:
        assert map_response(answer, written) == MappedResponse("success")


def test_json_as_deep_as_allowed_is_read() -> None:
    assert strict_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_a_byte_order_mark_is_no_matter() -> None:
    assert strict_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("written", "read_"),
    [
        ("9007199254740991", 9007199254740991),
        ("-9007199254740991", -9007199254740991),
        ("9007199254740993", "9007199254740993"),
        ("12345678901234567890123456789", "12345678901234567890123456789"),
        ("9" * 5000, "9" * 5000),
        ("1.5", 1.5),
    ],
)
def test_long_identifiers_keep_their_digits(written: str, read_: Any) -> None:
    assert strict_json(f'{{"id": {written}}}'.encode()) == {"id": read_}


def test_half_an_emoji_in_an_answer_can_be_kept() -> None:
    value = strict_json(rb'{"a": "x\ud83d", "b": "\ud83d\ude97", "c\udead": 1}')
    assert value == {"a": "x?", "b": "🚗", "c?": 1}
    assert json.dumps(value, ensure_ascii=False).encode()


def test_a_file_is_the_value_of_a_download() -> None:
    written = {"response": {"content_type": "file", "element_validation": "HTTP_RESPONSE_CODE", "base_element": "$.x"}}
    assert map_response(Answer(200, {}, file=REPORT), written) == MappedResponse("success", "", REPORT.to_json())
    assert map_response(Answer(203, {}, file=REPORT), written, ["203"]) == MappedResponse("203", "", REPORT.to_json())


def test_a_download_that_failed_leaves_no_file_but_its_element_decides() -> None:
    written = {"response": {"content_type": "file", "element_validation": "$.error.code"}}
    answer = Answer(404, {}, b'{"error": {"code": "unknown_claim"}}')
    assert map_response(answer, written, ["unknown_claim"]) == MappedResponse("unknown_claim")
    assert map_response(answer, written) == MappedResponse("failure", "status")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    answer, written = answered(200, body)
    assert map_response(answer, written).exit in {"success", "failure"}


whole = st.text(st.characters(exclude_categories=["Cs"]))
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | whole,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(whole, inner, max_size=4),
    max_leaves=12,
)


@given(documents)
def test_honest_json_is_read_as_it_was_meant(document: Any) -> None:
    assert strict_json(json.dumps(document).encode()) == document
