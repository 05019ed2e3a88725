"""Conversations, their sessions and their transcripts, as the API describes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field

from chatflow.conversation.session import State
from management.http.model import Model
from management.http.times import Time

# `unreadable`: the row of the session cannot be read, by this release or at all. It can be stopped and erased.
ShownState = Literal[State, "unreadable"]
Channel = Annotated[str, Field(min_length=1, max_length=32, description="For example `whatsapp`.")]
Account = Annotated[
    str, Field(pattern=r"^[\w.:@-]{1,128}$", description="Our number or bot on the channel: the channel's id of it.")
]
Contact = Annotated[
    str,
    Field(
        min_length=1,
        max_length=160,
        description="Any address of the customer on the channel. On WhatsApp: a phone number with its country code, in "
        "any spelling (`+49 (151) 123-4567`), a user id (`DE.1349...`), or a username (`@name`).",
    ),
]
ConversationKey = Annotated[str, Path(pattern=r"^c_[0-9a-f]{32}$", description="A conversation's key.")]


class Whose(Model):
    """A contact on an account."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel
    account: Account
    contact: Contact


class Found(Model):
    """The key of a conversation: the only identifier of it in URLs, logs and metrics."""

    conversation: str


class Accepted(Model):
    """The event is queued; its result is in the conversation's turns, under its id."""

    conversation: str
    event: str


class WaitingFor(Model):
    """The messages that a session waits for, and until when."""

    expects: list[str]
    until: Time


class OwedMessage(Model):
    """One of our messages that the channel has not taken yet. Its content is not shown."""

    flow: str
    node: str
    reason: str = Field(description="`channel_unavailable`, `in_doubt`, `paced` by the account, or `behind_another`.")
    since: Time
    tries: int


class Held(Model):
    """A call that the trouble of the business's API prevents, and that is tried again."""

    host: str = Field(description="With its port; empty if the call was held by an earlier release.")
    reason: str = Field(description="Why the last try failed; as `reason` in the transcript.")
    since: Time
    tries: int = Field(description="How often the call was tried.")
    next: Time = Field(description="When it is tried again.")
    until: Time = Field(description="When it is given up.")
    told: bool = Field(description="Whether the contact was told.")


class Paused(Model):
    """A person of the business talks to the contact; the bot is silent, and no deadline of the session runs."""

    since: Time
    until: Time = Field(description="The session ends then, unless the person writes again.")
    remaining: int = Field(description="Seconds that the session waits after it was resumed; 0 if it does not wait.")
    kept: int = Field(description="Messages of the contact that came meanwhile and that a resume can apply.")


class Session(Model):
    """The newest session of a conversation."""

    session: str
    state: ShownState
    reason: str | None = Field(default=None, description="Why the session cannot be read; null if it can.")
    flow: str = Field(description="Empty for a pause that began while no flow ran.")
    version: int
    at: str = Field(description="The current node; empty if the session has ended.")
    turn: int
    waiting: WaitingFor | None
    held: Held | None = Field(default=None, description="The call for which the session waits; null for another wait.")
    paused: Paused | None
    variables: dict[str, Any] = Field(description="`***` in place of what a node declares as sensitive.")
    pending: int = Field(description="Events that were accepted and not yet applied.")
    owed: list[OwedMessage] = Field(
        default=[], description="Messages of the conversation that are still to be sent, in order."
    )
    started_at: Time | None
    updated_at: Time
    heard_at: Time | None = Field(description="When the contact last wrote.")


class PastSession(Model):
    """One session of a conversation."""

    session: str
    flow: str
    state: ShownState
    turns: int | None = Field(description="Null where it is not known: the session could not be read and was stopped.")
    started_at: Time
    updated_at: Time


class ShownConversation(Model):
    """One contact on one account. No response identifies the contact."""

    conversation: str
    channel: str
    account: str
    session: Session
    sessions: list[PastSession] = Field(description="The newest first, at most 25.")
    sessions_next: str | None = Field(
        None, description="The cursor of `/conversations/{conversation}/sessions` for earlier ones; null without any."
    )


class File(Model):
    """A file of a turn. Its link is valid for five minutes."""

    kind: str
    mime: str
    size: int
    sha256: str
    filename: str
    url: str
    thumbnail: str | None


class Failure(Model):
    """Why an event failed permanently. `node`: the session's node at that time, not necessarily the one that failed."""

    reason: str
    at: Time
    node: str


class Turn(Model):
    """Everything that happened for one event, or an event that changed nothing, and why."""

    id: str = Field(description="A digest of the event's id, because the id may contain the contact's number.")
    session: str
    turn: int
    at: Time
    flow: str
    version: int
    state: State | None = Field(description="The session's state afterwards; null if the event changed nothing.")
    node: str = Field(description="The session's node afterwards.")
    event: dict[str, Any]
    visits: list[dict[str, Any]] = Field(
        description="Nodes in order: exit, time, calls, and messages with their delivery status."
    )
    changes: dict[str, dict[str, Any]] = Field(description="Variables: `before` and `after`.")
    media: list[File]
    unreadable: str | None = Field(default=None, description="Why its record cannot be read; null if it can.")
    stale: bool = Field(description="The session had moved on: the event changed nothing.")
    refused: str | None = Field(description="Why the event itself came to nothing: see docs/conversations.md.")
    failure: Failure | None = Field(
        description="Set if the event failed permanently; if there are visits too, it was redriven since."
    )
