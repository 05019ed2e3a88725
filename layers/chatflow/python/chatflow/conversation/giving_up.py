"""Where a session goes on when an operator gives up on its node. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatflow.conversation.session import Session

# The first of these exits that the node has is taken.
_GIVE_UP_EXITS = ("gave_up", "failed", "failure")


def give_up_target(node: dict[str, Any]) -> str | dict[str, str] | None:
    """The target of the exit by which the published node is left; None for a node that has none of them."""
    exits: dict[str, str | dict[str, str]] = node["exits"]
    return next((exits[exit] for exit in _GIVE_UP_EXITS if exit in exits), None)


def at_target(session: Session, node: dict[str, Any], target: str | dict[str, str]) -> Session:
    """The session, about to enter the target of its node's exit: a node, or another flow."""
    if isinstance(target, dict):
        return replace(session, state="continuing", waiting=None)
    # The nodes after a waiting node are in that node's own slice.
    slice = session.node if node["waits"] else session.slice
    return replace(session, state="continuing", slice=slice, node=target, waiting=None)
