"""Whether the business may begin a flow with a contact now: the channel's window, and what runs already. Pure."""

from __future__ import annotations

import json
from typing import Any

from chatflow.channels.manifest import ChannelManifest
from chatflow.conversation.session import Session
from chatflow.nodes.contract import VARIABLES_LIMIT
from management.http.problems import Problem
from management.http.times import rfc3339


def address(written: str) -> str:
    """A contact's address as the channel writes it: people put a plus and spaces into numbers."""
    return "".join(written.split()).removeprefix("+")


def allow(channel: ChannelManifest, session: Session | None, *, replace: bool, now: float) -> None:
    """Raises Problem (outside-window, session-running). What the conversation function decides then is what counts."""
    heard = session.last_message_at if session else 0
    if channel.window and heard + channel.window <= now:
        told = f"last heard of the contact at {rfc3339(heard)}" if heard else "the contact never wrote to this account"
        raise Problem(
            "outside-window",
            f"{channel.title} takes messages for {channel.window // 3600} h after the contact's: {told}",
        )
    if session and session.running and not replace:
        raise Problem("session-running", f"the flow {session.flow} runs; send replace: true to end it")


def check_size(variables: dict[str, Any]) -> None:
    """Raises Problem (too-large) for more than a session holds."""
    size = len(json.dumps(variables, ensure_ascii=False, separators=(",", ":")).encode())
    if size > VARIABLES_LIMIT:
        raise Problem("too-large", f"variables of {size} bytes where a session holds {VARIABLES_LIMIT}")
