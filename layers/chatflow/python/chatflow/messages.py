"""Messages between a customer and a flow, in both directions, and their delivery statuses.

All of these are plain data with a JSON form, since they travel through the queue and the state machine.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

MessageKind = Literal["text", "choice", "media", "location", "other"]
DeliveryStatus = Literal["sent", "delivered", "read", "failed"]

# A status never moves backwards: a channel may report `delivered` after `read`.
DELIVERY_RANK: dict[str, int] = {"sent": 1, "delivered": 2, "read": 3, "failed": 4}


@dataclass(frozen=True)
class IncomingMedia:
    """A file as the channel announces it. The announcement is no proof: the bytes decide (see `chatflow.media`)."""

    id: str
    kind: str  # the channel's kind: image, document, audio, video, sticker
    mime: str = ""
    sha256: str = ""  # lower-case hex, "" when the channel gives none
    size: int = 0  # bytes, 0 when the channel gives none
    filename: str = ""
    url: str = ""  # set when the channel gives the address with the message


@dataclass(frozen=True)
class IdentityChange:
    """A person's lasting address changed. `old` and `new` hold addresses, the lasting one first; neither is empty.

    `contact` is the address to write to from now on.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    contact: str


@dataclass(frozen=True)
class IncomingMessage:
    """One message of a contact, independent of the channel.

    `id` is the channel's own, unique for each account; it makes a redelivery harmless. `contact` is the address to
    write to. `identity` is the address that names the person for good, "" where that is `contact`; `other_addresses`
    are further ones. `change` is set when this is no message but the channel's word that addresses changed. These
    three are for the conversation's key only: they have no JSON form, and two messages are equal without them.
    """

    id: str
    channel: str
    account: str
    contact: str
    kind: MessageKind
    at: int  # seconds since the epoch, by the channel's clock
    name: str = ""  # the name that the contact chose for themself
    text: str = ""  # the text; the title of a choice; the caption of media
    choice: str = ""  # the id of the chosen option
    from_template: bool = False  # a choice that the business offered outside of any flow, under a template
    media: IncomingMedia | None = None
    location: dict[str, Any] | None = None  # latitude, longitude, name, address
    other: str = ""  # for kind `other`: the channel's own name of its type (reaction, contacts, unsupported ...)
    identity: str = field(default="", compare=False)
    other_addresses: tuple[str, ...] = field(default=(), compare=False)
    change: IdentityChange | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        unsaid = ("identity", "other_addresses", "change")
        data = {key: value for key, value in asdict(self).items() if key not in unsaid}
        return {key: value for key, value in data.items() if value not in ("", None) and value is not False}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> IncomingMessage:
        media = data.get("media")
        return cls(**{**data, "media": IncomingMedia(**media) if media else None})


@dataclass(frozen=True)
class Delivery:
    """The delivery status of a message that we sent. `at` is in seconds since the epoch."""

    message_id: str
    channel: str
    account: str
    contact: str
    status: DeliveryStatus
    at: int
    code: int = 0  # the channel's error code, for `failed`
    explanation: str = ""
    identity: str = field(default="", compare=False)  # as of an IncomingMessage


@dataclass(frozen=True)
class Webhook:
    """The content of one POST of a channel.

    `skipped` names the updates that could not be parsed, by kind only, so that they can be counted and logged.
    """

    messages: list[IncomingMessage] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Text:
    """A text to send."""

    body: str


@dataclass(frozen=True)
class Option:
    """One option of a question; `id` comes back as `IncomingMessage.choice`."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True)
class Choices:
    """A question with options: shown as buttons or a list where the channel has them, else as numbers in the text."""

    body: str
    options: tuple[Option, ...]
    button: str = "Choose"  # the label that opens a list


@dataclass(frozen=True)
class File:
    """A file to send, already uploaded to the channel as `media_id`."""

    kind: str  # image, document, audio, video
    media_id: str
    caption: str = ""
    filename: str = ""


OutgoingMessage = Text | Choices | File
