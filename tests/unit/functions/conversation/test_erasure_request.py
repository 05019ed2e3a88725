"""What the conversation makes of the answer of the function that erases."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chatflow.errors import InDoubt, TurnFailed
from conversation import erasure_request
from conversation.erasure_request import request_erasure


class FakeFunction:
    """Lambda, with one function."""

    answer: Any = None

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        self.asked.append({"function": FunctionName, **json.loads(Payload)})
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b"{}")}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode())}


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> FakeFunction:
    fake = FakeFunction()
    monkeypatch.setattr(erasure_request, "botocore_client", lambda _service, **_config: fake)
    return fake


def test_all_is_gone(function: FakeFunction) -> None:
    function.answer = {"done": True}
    request_erasure("erasure", "c_ann", 100)
    assert function.asked == [{"function": "erasure", "conversation": "c_ann", "at": 100, "keys": []}]


def test_more_than_fits_one_go_comes_again(function: FakeFunction) -> None:
    function.answer = {"done": False}
    with pytest.raises(TurnFailed, match="more is left"):
        request_erasure("erasure", "c_ann", 100)


def test_a_function_that_failed_is_asked_again(function: FakeFunction) -> None:
    with pytest.raises(TurnFailed, match="broke off"):
        request_erasure("erasure", "c_ann", 100)


def test_one_that_may_still_be_at_work_is_waited_for(function: FakeFunction) -> None:
    function.answer = ReadTimeoutError(endpoint_url="lambda")
    with pytest.raises(InDoubt):
        request_erasure("erasure", "c_ann", 100)
