"""Dead letters, as the API describes them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from management.http.pagination import Page
from management.http.times import Time

LetterState = Literal["dead", "stale", "taken", "unreadable"]


class DeadLetter(BaseModel):
    """One event that was set aside."""

    id: str
    queue: Literal["events", "schedules"]
    conversation: str | None = Field(description="Null when the letter is no event of ours.")
    event: str | None = Field(description="A digest of the event's id, as the transcript has it.")
    kind: str | None = Field(description="What kind of event it is.")
    at: Time = Field(description="When it was set aside.")
    reason: str | None = Field(description="Null when the worker died before it could say why.")
    session: str | None
    turn: int | None
    node: str | None = Field(description="Where its session stood.")
    state: LetterState = Field(
        description="dead: can be redriven. stale: its session has moved on. taken: the event had its turn after all."
    )


class DeadLetters(Page[DeadLetter]):
    """What was to be seen now."""

    hidden: int = Field(
        description="About how many more there are: SQS shows ten of one conversation at a time, and none that someone "
        "else looks at."
    )
