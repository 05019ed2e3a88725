"""The Lambda that EventBridge calls when a customer's file was kept, or when GuardDuty has looked at one."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from chatflow.adapters import clamd, queue
from chatflow.adapters.judged_files import JudgedFiles
from chatflow.errors import NotPublished
from chatflow.events import Verdict
from chatflow.settings import ScansSettings
from scans.looking import World, looked_at

_SECONDS = 90.0  # the function has 120
logger = Logger(service="chatflow", use_rfc3339=True)


def lambda_handler(event: dict[str, Any], _context: Any) -> None:
    """Deal with one event. What it raises, Lambda tries twice more, and sets aside then."""
    outcome = looked_at(event, _world())
    logger.info("scan", extra={"event": event["detail-type"], "outcome": outcome})


def _world() -> World:
    settings = ScansSettings.from_environment()
    files = JudgedFiles(settings.media_bucket)

    def scan(key: str) -> Verdict:
        try:
            with files.open(key) as file:
                return clamd.scan(settings.clamd, file, _SECONDS)
        except NotPublished:
            # Nobody reads what was found unsafe, not even to find it once more when whoever waits was not told.
            if files.state(key) == "unsafe":
                return "unsafe"
            raise

    return World(mark=files.mark, scan=scan, queue=lambda wake: queue.send(settings.events_queue_url, [wake]))
