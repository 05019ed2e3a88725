"""What becomes of a file that a scanner looked at: a tag, and an event for whoever waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from chatflow.conversation.events import Event, Verdict
from chatflow.errors import NotPublished, Unavailable
from malware_scan.scan_verdict import World, looked_at

KEY = "media/c_ann/s_1/3-abc-77"


@dataclass
class Room:
    """What the room did, in order. `finds` is what the scanner says."""

    finds: Verdict | Exception = "clean"
    gone: bool = False
    done: list[Any] = field(default_factory=list)

    def look(self, event: dict[str, Any]) -> str:
        return looked_at(event, World(mark=self._mark, scan=self._scan, queue=self.done.append))

    def _mark(self, key: str, state: str) -> None:
        if self.gone:
            raise NotPublished(key)
        self.done.append((key, state))

    def _scan(self, key: str) -> Verdict:
        if isinstance(self.finds, Exception):
            raise self.finds
        return self.finds


def kept(key: str = KEY) -> dict[str, Any]:
    """As S3 tells EventBridge."""
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": "media"}, "object": {"key": key, "size": 3, "etag": "x"}, "reason": "PutObject"},
    }


def scanned(status: str, key: str = KEY) -> dict[str, Any]:
    """As GuardDuty tells EventBridge (its user guide, "Monitoring S3 object scans with Amazon EventBridge")."""
    threats = [{"name": "EICAR-Test-File (not a virus)"}] if status == "THREATS_FOUND" else None
    return {
        "source": "aws.guardduty",
        "detail-type": "GuardDuty Malware Protection Object Scan Result",
        "detail": {
            "schemaVersion": "1.0",
            "scanStatus": "COMPLETED" if status.endswith("FOUND") else "SKIPPED",
            "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {
                "bucketName": "media",
                "objectKey": key,
                "eTag": "x",
                "versionId": "",
                "s3Throttled": False,
            },
            "scanResultDetails": {"scanResultStatus": status, "threats": threats},
        },
    }


def told(verdict: str) -> Event:
    return {
        "id": "scan#s_1#3-abc-77",
        "kind": "scan",
        "conversation": "c_ann",
        "session": "s_1",
        "key": KEY,
        "verdict": verdict,
    }


@pytest.mark.parametrize("state", ["clean", "unsafe"])
def test_a_file_is_tagged_as_it_was_found_and_only_then_the_conversation_hears_of_it(state: Verdict) -> None:
    room = Room(state)
    assert room.look(kept()) == state
    assert room.done == [(KEY, state), told(state)]


def test_what_the_scanner_could_not_look_at_is_not_tagged() -> None:
    room = Room("failed")
    assert room.look(kept()) == "failed"
    assert room.done == [told("failed")]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("NO_THREATS_FOUND", "clean"),
        ("THREATS_FOUND", "unsafe"),
        ("UNSUPPORTED", "failed"),
        ("ACCESS_DENIED", "failed"),
        ("FAILED", "failed"),
        ("SOMETHING_NEW", "failed"),
    ],
)
def test_guardduty_s_words_become_ours_and_what_is_not_known_is_not_clean(status: str, verdict: str) -> None:
    room = Room(AssertionError("nobody else scans"))
    assert room.look(scanned(status)) == verdict
    assert room.done[-1] == told(verdict)


@pytest.mark.parametrize("key", ["download/c_ann/s_1/4-call", "media/c_ann/s_1", "asset/ab", "media/a/b/c/d"])
def test_what_is_no_file_of_a_customer_is_left_alone(key: str) -> None:
    room = Room()
    assert room.look(kept(key)) == "nothing"
    assert room.look(scanned("NO_THREATS_FOUND", key)) == "nothing"
    assert room.done == []


def test_a_file_that_was_rejected_and_deleted_meanwhile_is_nobody_s_business() -> None:
    assert Room(NotPublished("gone")).look(kept()) == "gone"
    room = Room(gone=True)
    assert room.look(scanned("NO_THREATS_FOUND")) == "gone"
    assert room.done == []


def test_a_scanner_that_is_not_there_leaves_the_event_to_come_again() -> None:
    room = Room(Unavailable("no answer"))
    with pytest.raises(Unavailable):
        room.look(kept())
    assert room.done == []
