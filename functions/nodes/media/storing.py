"""Storing: checks and stores a file of the customer for people to look at, and sends nothing."""

from __future__ import annotations

from chatflow.conversation.events import message_of
from chatflow.errors import MediaRejected, MediaUnavailable
from chatflow.media.profiles import PRODUCT
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exits `stored` or `failed`. Where files are scanned for malware, nobody can open it before the verdict."""
    message = message_of(visit.event)
    if message is None or message.media is None:
        return Outcome(exit="failed", effects=({"effect": "store", "failed": "the event has no file"},))
    try:
        file = ports.receive_file(message.media, PRODUCT.narrowed_by(ports.channel_profile()))
    except MediaRejected as error:
        return Outcome(exit="failed", effects=({"effect": "store", "rejected": error.reason},))
    except MediaUnavailable:
        return Outcome(exit="failed", effects=({"effect": "store", "rejected": "unavailable"},))
    return Outcome(exit="stored", effects=({"effect": "store", **file.summary()},))
