"""Held calls, and what an operator does about them, as the API describes them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from management.conversations.models import Held
from management.http.model import Model
from management.http.pagination import MAX_CURSOR

Host = Annotated[
    str, Field(pattern=r"^[^#\s/]{1,300}:[0-9]{1,5}$", description="A host with its port: `api.example.com:443`.")
]


class HeldCall(Held):
    """A session that waits because the business's API is in trouble, and its call."""

    conversation: str
    session: str
    flow: str
    version: int
    node: str


class Which(Model):
    """The held call of one conversation, or those of a host: exactly one of both."""

    model_config = ConfigDict(extra="forbid")

    conversation: Annotated[str, Field(pattern=r"^c_[0-9a-f]{32}$")] | None = None
    host: Host | None = None
    cursor: str | None = Field(
        default=None,
        max_length=MAX_CURSOR,
        description="The `next` of the previous response, for the next calls of the host.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.conversation is None) == (self.host is None):
            raise ValueError("say either a conversation or a host")
        if self.cursor and self.conversation:
            raise ValueError("a cursor goes with a host")
        return self


class Sent(Model):
    """What was queued. Each event applies if its call is still held by then; its result is in the transcript."""

    sent: int = Field(description="The number of conversations that get an event.")
    conversation: str | None = Field(default=None, description="Null for a host.")
    event: str | None = Field(default=None, description="The id of the event; null for a host.")
    next: str | None = Field(default=None, description="The cursor for the next calls of the host; null at the end.")
