"""What becomes of a file that a scanner looked at, or is to look at: a tag, and an event for whoever waits for it.

Events come twice, late and out of order. A key is written once, a tag `unsafe` stays, and a conversation takes the
first verdict of a file: so each may be dealt with again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from chatflow.errors import NotPublished
from chatflow.events import Event, Verdict, scan_event

# What GuardDuty says of an object. What it could not look at is not known to be clean.
_GUARDDUTY: Final[dict[str, Verdict]] = {"NO_THREATS_FOUND": "clean", "THREATS_FOUND": "unsafe"}
_SCANNED: Final = "GuardDuty Malware Protection Object Scan Result"
_FILE: Final = re.compile(r"media/([^/]+)/([^/]+)/[^/]+")

Outcome = Literal["clean", "unsafe", "failed", "gone", "nothing"]


@dataclass(frozen=True)
class World:
    """What the room needs of the world: `mark` tags the file under a key; `scan` looks at it, where GuardDuty has not.

    Both raise NotPublished for a file that is not there.
    """

    mark: Callable[[str, str], None]
    scan: Callable[[str], Verdict]
    queue: Callable[[Event], None]


def looked_at(event: dict[str, Any], world: World) -> Outcome:
    """Deal with one event of EventBridge. Raises what AWS and the scanner raise; then the event comes again.

    The tag comes first: whoever goes on because of a verdict must find the file as the verdict says.
    """
    detail = event["detail"]
    told = event["detail-type"] == _SCANNED
    key = str(detail["s3ObjectDetails"]["objectKey"] if told else detail["object"]["key"])
    place = _FILE.fullmatch(key)
    if place is None:
        return "nothing"
    try:
        verdict = _told(detail) if told else world.scan(key)
        if verdict != "failed":
            world.mark(key, verdict)
    except NotPublished:  # it was rejected and deleted meanwhile, for what it is
        return "gone"
    world.queue(scan_event(place[1], place[2], key, verdict))
    return verdict


def _told(detail: dict[str, Any]) -> Verdict:
    return _GUARDDUTY.get(detail["scanResultDetails"]["scanResultStatus"], "failed")
