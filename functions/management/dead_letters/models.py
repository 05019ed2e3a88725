"""Dead letters, as the API describes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from management.http.model import Model
from management.http.pagination import Page
from management.http.times import Time

LetterState = Literal["dead", "stale", "taken", "unreadable"]


class DeadLetter(Model):
    """One event in a dead-letter queue."""

    id: str
    queue: Literal["events", "schedules"]
    conversation: str | None = Field(description="Null if the letter is not an event of ours.")
    event: str | None = Field(description="A digest of the event's id, as in the transcript.")
    kind: str | None = Field(description="The kind of the event.")
    at: Time = Field(description="When the event failed for the last time.")
    reason: str = Field(description="Why the event failed; if that was not recorded, what is known.")
    session: str | None
    turn: int | None
    node: str | None = Field(description="The session's node at that time.")
    stale: str | None = Field(default=None, description="Why it does not apply any more; null unless it is stale.")
    state: LetterState = Field(
        description="dead: can be redriven. stale: its session has moved on. taken: the event had its turn after all."
    )


class DeadLetters(Page[DeadLetter]):
    """The letters that the queues returned now."""

    hidden: int = Field(
        description="The approximate number of other letters: SQS returns ten of one conversation at a time, and none "
        "that another reader has received."
    )
