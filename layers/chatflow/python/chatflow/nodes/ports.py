"""What a node's rule may ask of the world. Rules get these; adapters keep them; tests fake them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import Choices, IncomingMedia, Text


class Readable(Protocol):
    """Bytes that are still to come, in blocks."""

    def read(self, amount: int = -1, /) -> bytes: ...


class Response(Readable, Protocol):
    """An HTTP answer whose body is read as a stream. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    length: int | None  # bytes of the body, None when the server does not say


class Fetch(Protocol):
    """The one way out: every HTTP call to an address that a flow or a channel names.

    `deadline` is in milliseconds since the epoch and covers everything up to the last byte read. `body` is bytes or a
    stream; a stream needs `length`. `redirects` is how many may be followed (GET only; each hop is vetted again and
    credentials are dropped when the origin changes). `hosts`, when given, are the only hosts that may be called.
    Raises AddressRefused before connecting, Unavailable when nothing was sent, InDoubt when the request was sent and
    no answer came.
    """

    def open(
        self,
        method: str,
        url: str,
        *,
        deadline: int,
        headers: Mapping[str, str] | None = None,
        body: bytes | Readable | None = None,
        length: int | None = None,
        redirects: int = 0,
        hosts: frozenset[str] | None = None,
    ) -> AbstractContextManager[Response]: ...


@dataclass(frozen=True)
class Part:
    """One part of a multipart body: a text `value`, or a `file`."""

    name: str
    value: str = ""
    file: MediaReference | None = None


@dataclass(frozen=True)
class Call:
    """One HTTP call to the business's API, with every variable already filled in. Secrets stand in it: never log it."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    parts: tuple[Part, ...] = field(default=(), repr=False)
    expects_file: bool = False
    filename: str = ""  # what an expected file is to be called; "" takes the API's own name for it
    seconds: float = 20.0  # one attempt
    attempts: int = 3


@dataclass(frozen=True)
class Answer:
    """What the business's API answered. `file` is set when the body was kept as a file, `body` when it was read."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    file: MediaReference | None = None
    attempts: int = 1
    milliseconds: int = 0


class Ports(Protocol):
    """The world, as one visit sees it.

    `effect` names what is done within the visit ("prompt", "call"): the same name in a repeated visit does the thing
    once. What these return is JSON for the transcript unless said otherwise.
    """

    def now(self) -> int:
        """Milliseconds since the epoch."""
        ...

    def secret(self, name: str) -> str:
        """A secret of the business, for an API call. Raises NotPublished when there is none of that name."""
        ...

    def say(self, effect: str, message: Text | Choices) -> dict[str, Any]:
        """Send a message. Raises ChannelRefused, ChannelUnavailable."""
        ...

    def channel_profile(self) -> Profile:
        """What the conversation's channel takes."""
        ...

    def take(self, media: IncomingMedia, profile: Profile) -> MediaReference:
        """Fetch a customer's file, check it against the profile and keep it. Raises MediaRejected, MediaUnavailable."""
        ...

    def scan_seconds(self) -> int:
        """How long a file that was taken may wait for a malware scanner's verdict; 0 where none looks at it."""
        ...

    def give(self, effect: str, media: MediaReference, *, caption: str = "") -> dict[str, Any]:
        """Send a file. Raises MediaRejected, ChannelRefused, ChannelUnavailable, NotPublished."""
        ...

    def asset(self, name: str) -> MediaReference:
        """A file of the library. Raises NotPublished."""
        ...

    def call(self, effect: str, call: Call) -> Answer:
        """Call the business's API, retrying what may be retried. Raises Refused, Unavailable, InDoubt, TooLarge."""
        ...
