"""A verdict whose event was not queued: the file is tagged, and whoever waits for it must still be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chatflow.adapters import sqs
from chatflow.conversation.events import Event
from chatflow.errors import NotPublished
from chatflow.settings import MalwareScanSettings
from malware_scan import handler
from malware_scan.files import JudgedFiles

KEY = "media/c_ann/s_1/3-abc-77"
CREATED = {"detail-type": "Object Created", "detail": {"object": {"key": KEY}}}


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    @contextmanager
    def hidden(_self: JudgedFiles, _key: str) -> Iterator[Any]:
        raise NotPublished("nobody reads it")
        yield

    sent: list[Event] = []
    for name, value in MalwareScanSettings("media", "https://queue", "clamd:3310").to_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(JudgedFiles, "open", hidden)
    monkeypatch.setattr(JudgedFiles, "mark", lambda _self, _key, _state: None)
    monkeypatch.setattr(sqs, "send", lambda _url, events: sent.extend(events))
    return sent


def test_a_file_that_was_found_unsafe_before_is_told_again(
    monkeypatch: pytest.MonkeyPatch, queued: list[Event]
) -> None:
    monkeypatch.setattr(JudgedFiles, "state", lambda _self, _key: "unsafe")
    handler.lambda_handler(CREATED, None)
    assert [(each["key"], each["verdict"]) for each in queued] == [(KEY, "unsafe")]


def test_a_file_that_is_gone_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch, queued: list[Event]) -> None:
    def gone(_self: JudgedFiles, _key: str) -> str:
        raise NotPublished("it is gone")

    monkeypatch.setattr(JudgedFiles, "state", gone)
    handler.lambda_handler(CREATED, None)
    assert queued == []
