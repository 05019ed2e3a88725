"""Text: sends a text, then continues at once."""

from __future__ import annotations

from chatflow.errors import ChannelRefused, ChannelUnavailable
from chatflow.messages import Text
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from chatflow.templating import Scope, render


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exit `sent`, or `failed` when the channel refuses the text."""
    text = render(visit.config["say"], Scope.of(visit))
    if not text.strip():
        return Outcome(exit="sent", effects=({"effect": "say", "skipped": "empty"},))
    try:
        sent = ports.send_message("say", Text(text, preview_url=bool(visit.config.get("preview_url"))))
    except (ChannelRefused, ChannelUnavailable) as error:
        return Outcome(exit="failed", effects=({"effect": "say", "failed": str(error)},))
    return Outcome(exit="sent", effects=(sent,))
