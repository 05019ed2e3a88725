"""Sessions in a list, and the request to start one, as the API describes them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from management.conversations.models import Account, Channel, Contact, ShownState
from management.http.model import Model
from management.http.times import Time

FlowName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]


class ListedSession(Model):
    """A conversation's newest session, in a list."""

    conversation: str
    session: str
    state: ShownState
    reason: str | None = Field(default=None, description="Why the session cannot be read; null if it can.")
    flow: str
    version: int
    at: str = Field(description="The current node; empty if the session has ended.")
    turn: int = Field(description="The number of the conversation's turns so far.")
    started_at: Time | None
    updated_at: Time


class Start(Model):
    """A flow to start with a contact."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel
    account: Account
    contact: Contact
    flow: FlowName
    variables: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")], Any] = Field(
        default_factory=dict, description="The session's initial variables; at most 64 KB."
    )
    replace: bool = Field(default=False, description="End a running session.")
