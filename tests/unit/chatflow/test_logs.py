"""Our log lines and metrics are those that Powertools would write: saved queries, filters and alarms read them."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatflow import metrics
from chatflow.logs import logger

ALIKE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts | st.binary(max_size=3),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(_texts, each, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from(["conversation", "kind", "reason", "detail", "status", "service", "effects", "exception_name"])
_extras = st.dictionaries(_names, _values, max_size=5)
_messages = st.sampled_from(["turn", "event set aside", "webhook"])


def _powertools(stream: io.StringIO) -> Any:
    made: Any = Logger(service="chatflow", use_rfc3339=True)
    # One logger exists in a process, with the stream that it got first, and the keys that others appended.
    made.registered_handler.stream = stream
    made.clear_state()
    return made


def _alike(line: str) -> Any:
    """Without what differs between two calls: when, where, and which line of a file."""
    read = json.loads(line)
    told = list(read)
    for name in ("timestamp", "location", "stack_trace", "exception"):
        read.pop(name, None)
    return told, json.dumps(read)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")


@pytest.mark.parametrize("level", ["info", "warning"])
@ALIKE
@given(_messages, _extras)
def test_a_line_is_powertools_line(
    traced: None, capsys: pytest.CaptureFixture[str], level: str, message: str, extra: dict[str, Any]
) -> None:
    getattr(logger, level)(message, extra=extra)
    stream = io.StringIO()
    getattr(_powertools(stream), level)(message, extra=extra)
    assert _alike(capsys.readouterr().out) == _alike(stream.getvalue())


def test_a_line_names_the_function_that_writes_it_and_the_time_in_utc(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_795_951_768.0065)
    logger.info("turn")
    line = json.loads(capsys.readouterr().out)
    assert line["location"].startswith("test_a_line_names_the_function_that_writes_it_and_the_time_in_utc:")
    assert line["timestamp"] == "2026-11-29T11:29:28.006+00:00"


def test_an_error_is_written_with_its_trace_as_powertools_does(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    try:
        raise ValueError("no number")
    except ValueError:
        logger.exception("failed", extra={"request": "r"})
        _powertools(stream).exception("failed", extra={"request": "r"})
    ours, theirs = capsys.readouterr().out, stream.getvalue()
    assert _alike(ours) == _alike(theirs)
    assert json.loads(ours)["stack_trace"] == json.loads(theirs)["stack_trace"]
    assert json.loads(ours)["exception"] == json.loads(theirs)["exception"]


def test_half_of_a_surrogate_pair_loses_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    logger.warning("webhook problem", extra={"problem": "\ud83d"})
    assert json.loads(capsys.readouterr().out)["problem"] == "\ud83d"


@ALIKE
@given(st.dictionaries(st.sampled_from(["Messages", "Problems", "Skipped"]), st.integers(0, 100), min_size=1))
def test_metrics_are_written_as_powertools_writes_them(
    capsys: pytest.CaptureFixture[str], counts: dict[str, int]
) -> None:
    metrics.count(counts, service="webhook")
    provider = Metrics(namespace="Chatflow", service="webhook")
    provider.clear_metrics()
    for name, value in counts.items():
        provider.add_metric(name, "Count", value)
    ours = json.loads(capsys.readouterr().out)
    theirs: Any = provider.serialize_metric_set()
    provider.clear_metrics()
    assert abs(ours["_aws"].pop("Timestamp") - theirs["_aws"].pop("Timestamp")) < 60_000
    assert ours == theirs


def test_no_counts_are_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count({}, service="webhook")
    assert capsys.readouterr().out == ""
