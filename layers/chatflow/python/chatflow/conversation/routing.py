"""Applies `routes.yaml`: which flow a message starts, and which words leave any flow. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from chatflow.messages import IncomingMessage


@dataclass(frozen=True)
class Route:
    """What a message that leaves a flow does: start a flow, restart the present one, or end. `say` is sent first."""

    then: Literal["start", "restart", "end"]
    flow: str = ""
    say: str = ""


def flow_for(routes: dict[str, Any], message: IncomingMessage) -> str:
    """The flow that a message starts when no session waits, "" when no route matches. The first match wins."""
    word = _word(message)
    for route in routes.get("routes", ()):
        if route.get("channel") not in ("", None, message.channel):
            continue
        if route.get("account") not in ("", None, message.account):
            continue
        if route.get("keywords") and word not in route["keywords"]:
            continue
        return str(route["flow"])
    return ""


def leave_route(routes: dict[str, Any], message: IncomingMessage) -> Route | None:
    """The route of a message that, as a whole, is one of the words that leave any flow; None for any other message."""
    word = _word(message)
    if message.kind != "text" or not word:
        return None
    for rule in routes.get("leave", ()):
        if word in rule["words"]:
            then = rule["then"]
            if isinstance(then, dict):
                return Route("start", flow=then["flow"], say=rule.get("say", ""))
            return Route("restart" if then == "restart" else "end", say=rule.get("say", ""))
    return None


def _word(message: IncomingMessage) -> str:
    return " ".join((message.choice or message.text).casefold().split()) if message.kind in ("text", "choice") else ""
