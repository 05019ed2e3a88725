"""The erasure of a contact, as the API describes it."""

from __future__ import annotations

from pydantic import Field

from management.conversations.models import Accepted
from management.http.model import Model
from management.http.times import Time


class ErasureAccepted(Accepted):
    """The erasure is queued; its result is the conversation's `erasure`."""

    asked_at: Time = Field(description="The `asked_at` of the erasure's result, once it has begun.")
    others: list[str] = Field(
        default_factory=list,
        description="Further conversations that are erased, which an older spelling of the number had.",
    )
    earlier: list[str] = Field(
        default_factory=list,
        description="Conversations to which the address belonged before. They may be another person's and are not "
        "erased: erase them by another address of theirs.",
    )


class Removed(Model):
    """The numbers of deleted things."""

    sessions: int = Field(default=0, description="The newest session, with its variables and the contact's address.")
    aliases: int = Field(default=0, description="Keys of the contact's other addresses.")
    turns: int = Field(default=0, description="Turn records: the transcript.")
    letters: int = Field(default=0, description="Recorded reasons and counted runs of failed events.")
    dead_letters: int = Field(default=0, description="Events in the dead-letter queues.")
    effects: int = Field(default=0, description="Sent messages, and responses of the business's API.")
    deliveries: int = Field(default=0, description="Delivery statuses of messages.")
    connections: int = Field(default=0, description="Connections to a channel's page, of channels that have any.")
    files: int = Field(default=0, description="Files, and every version of them.")
    schedules: int = Field(default=0, description="Pending deadlines.")


class Erasure(Model):
    """The result of the last erasure of a conversation. It is stored for 15 days."""

    conversation: str
    asked_at: Time = Field(description="Everything from before this time is erased, or is being erased.")
    done: bool = Field(description="False while the erasure is in progress.")
    removed: Removed
