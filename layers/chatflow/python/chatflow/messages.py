"""Messages between a customer and a flow, in both directions, and their delivery statuses.

They are plain data with a JSON form, since they travel through the queue and the state machine. An `OutgoingFile` does
not travel: it is made where it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from chatflow.tolerant_reader import read

if TYPE_CHECKING:
    from chatflow.nodes.ports import Readable

MessageKind = Literal["text", "choice", "media", "location", "contacts", "form", "other"]
DeliveryStatus = Literal["sent", "delivered", "read", "failed"]

# Why a message was not delivered, in words that are the same on every channel. docs/flow-format.md explains them.
FailureReason = Literal["unreachable", "window_closed", "file", "limit", "account", "unavailable", "content", "unknown"]

# Names of kind `other` that mean the same on every channel. A channel that has another name for it translates that.
WELCOME = "request_welcome"  # the customer opened the conversation and has written nothing yet
UNAVAILABLE = "unavailable"  # the customer wrote something that the channel withholds
# Actions on messages, such as a thumb, and polls: nobody expects an answer to them.
_QUIET = frozenset(
    {"reaction", "system", "edit", "edited", "delete", "deleted", "revoke", "pin", "unpin", "keep_in_chat"}
    | {"poll", "poll_creation", "poll_update"}
)
_LOST_FILES = frozenset({"image", "video", "audio", "voice", "document", "sticker", "gif", "media_placeholder"})
_UNUSABLE_FILES = frozenset({"video_note", "story", "paid_media"})

_VALUES = ("kind", "text", "choice", "location", "contacts", "form", "referral", "language")

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
    at: int  # seconds since the epoch, by the channel's clock; the webhook replaces 0, which says that none was given
    name: str = ""  # the name that the contact chose for themself
    language: str = ""  # of the contact's app, as an IETF tag ("pt-br"), where the channel says it
    text: str = ""  # the text; the title of a choice; the caption of media
    choice: str = ""  # the id of the chosen option
    from_template: bool = False  # a choice that the business offered outside of any flow, under a template
    begins: bool = False  # no words of an answer: the channel's own button to begin, or a link that opens the chat
    media: IncomingMedia | None = None
    voice: bool = False  # of media: a voice note, recorded for this conversation
    album: str = ""  # of media: the same for files that were sent together, where the channel says it
    location: dict[str, Any] | None = None  # latitude, longitude, name, address, url
    contacts: list[dict[str, Any]] | None = None  # cards: name, phones, emails, company
    form: dict[str, Any] | None = None  # the answers, by the names of the form's fields
    referral: dict[str, str] | None = None  # the ad or post that led here: source_type, source_id, headline ...
    forwarded: bool = False
    reply_to: str = ""  # the id of our message that this one answers: whose option was tapped, or which was quoted
    original: str = ""  # of an edit or a deletion: the id of the customer's message that it is about
    cut: bool = False  # the channel's text or values were longer than is kept
    other: str = ""  # for kind `other`: the channel's own name of its type (reaction, edit, unsupported ...)
    identity: str = field(default="", compare=False)
    other_addresses: tuple[str, ...] = field(default=(), compare=False)
    change: IdentityChange | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        unsaid = ("identity", "other_addresses", "change")
        data = {key: value for key, value in asdict(self).items() if key not in unsaid}
        return {key: value for key, value in data.items() if value not in ("", None) and value is not False}

    @property
    def quiet(self) -> bool:
        """Whether nobody expects an answer: an action on an earlier message, or a poll."""
        return self.other in _QUIET

    @property
    def lost_file(self) -> bool:
        """Whether the customer sent a file that the channel cannot hand over."""
        return self.kind == "other" and self.other in _LOST_FILES

    @property
    def unusable_file(self) -> bool:
        """Whether the customer sent a file of a kind that is never taken. Sending it again would change nothing."""
        return self.kind == "other" and self.other in _UNUSABLE_FILES

    @classmethod
    def from_json(cls, data: object) -> IncomingMessage:
        """The message of any release. Raises Unreadable. A kind that a later release introduced is `other`."""
        if isinstance(data, dict):
            kind = data.get("kind")
            if isinstance(kind, str) and kind not in get_args(MessageKind):
                data = {**data, "kind": "other", "other": kind}
        return read(cls, data, "the queued message")


def typed_values(message: Mapping[str, Any]) -> dict[str, Any]:
    """What flows may use of a message (its JSON), by name; no file, no id and no address. {} without a message."""
    if not message:
        return {}
    flags = {name: message.get(name, False) for name in ("forwarded", "voice")}
    return {**flags, **{name: message[name] for name in _VALUES if name in message}}


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
    reason: str = ""  # for `failed`: a FailureReason, or one of a later release
    tag: str = ""  # the tag that we sent the message with, where the channel repeats it
    identity: str = field(default="", compare=False)  # as of an IncomingMessage


@dataclass(frozen=True)
class Webhook:
    """The content of one POST of a channel.

    `skipped` names the updates that could not be parsed, by kind only, so that they can be counted and logged.
    `echoes` are messages of persons of the business to contacts, written in the channel's own app. `answer` is the JSON
    that the channel wants as the answer to its POST; "" for a channel that reads no answer, and where none is due.
    """

    messages: list[IncomingMessage] = field(default_factory=list)
    echoes: list[IncomingMessage] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    answer: str = ""


@dataclass(frozen=True)
class Text:
    """A text to send. `preview_url`: whether the channel may show a preview of the first link in it."""

    body: str
    preview_url: bool = False


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


OutgoingMessage = Text | Choices


class OutgoingFile(Protocol):
    """A file to send. Its bytes are read only when a channel opens it, and never whole."""

    @property
    def kind(self) -> str:
        """image, document, audio or video."""
        ...

    @property
    def mime(self) -> str: ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def filename(self) -> str: ...

    @property
    def caption(self) -> str: ...

    @property
    def stored_id(self) -> str:
        """The id under which the channel holds the file already, "" for none. The first use looks it up."""
        ...

    def open(self) -> AbstractContextManager[Readable]:
        """The file from its beginning, as often as needed. Raises NotPublished when it is gone."""
        ...

    def remember(self, id: str, seconds: int) -> None:
        """Store the id under which the channel holds the file, and for how long it may be used, instead of another.

        Never raises: whether the id is stored changes nothing about what was sent.
        """
        ...


def piece_tag(tag: str, piece: int) -> str:
    """The tag of one piece of a message that a channel sends in pieces. Pieces are numbered from 0."""
    return f"{tag}#{piece}" if piece else tag


def outgoing_to_json(message: Text | Choices) -> dict[str, Any]:
    """A message that is to be sent later, as a session stores it."""
    if isinstance(message, Text):
        return {"text": message.body}
    options = [asdict(option) for option in message.options]
    return {"choices": {"body": message.body, "options": options, "button": message.button}}


def outgoing_from_json(data: dict[str, Any]) -> Text | Choices:
    """The inverse of `outgoing_to_json`."""
    if "text" in data:
        return Text(data["text"])
    choices = data["choices"]
    options = tuple(Option(each["id"], each["title"], each["description"]) for each in choices["options"])
    return Choices(choices["body"], options, choices["button"])
