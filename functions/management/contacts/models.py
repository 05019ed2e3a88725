"""The erasure of a contact, as the API describes it."""

from __future__ import annotations

from pydantic import BaseModel, Field

from management.conversations.models import Accepted
from management.http.times import Time


class ErasureAccepted(Accepted):
    """The erasure is queued; what came of it stands in the conversation's `erasure`."""

    asked_at: Time = Field(description="That erasure's `asked_at`, once it has begun.")


class Removed(BaseModel):
    """How much there was of each."""

    sessions: int = Field(default=0, description="The newest session, with its variables and the contact's address.")
    turns: int = Field(default=0, description="Turn records: the transcript.")
    letters: int = Field(default=0, description="Notes of why events failed.")
    dead_letters: int = Field(default=0, description="Events in the dead-letter queues.")
    effects: int = Field(default=0, description="What was sent, and what the business's API answered.")
    deliveries: int = Field(default=0, description="What became of messages.")
    files: int = Field(default=0, description="Files, and every version of them.")
    schedules: int = Field(default=0, description="Deadlines that were still ahead.")


class Erasure(BaseModel):
    """What came of the last erasure of a conversation. It is remembered for 15 days."""

    conversation: str
    asked_at: Time = Field(description="Everything of before is gone, or goes.")
    done: bool = Field(description="False while it is under way.")
    removed: Removed
