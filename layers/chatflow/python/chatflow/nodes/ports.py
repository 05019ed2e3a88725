"""The ports of a node's rule. Adapters implement them, and tests fake them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import Choices, IncomingMedia, Text

if TYPE_CHECKING:
    from chatflow.integrations.host_health import Health


class Readable(Protocol):
    """A stream of bytes, read in blocks."""

    def read(self, amount: int = -1, /) -> bytes: ...


class Response(Readable, Protocol):
    """An HTTP response whose body is read as a stream. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    length: int | None  # bytes of the body, None when the server does not say


class Fetch(Protocol):
    """Makes every HTTP call to an address that a flow or a channel names.

    `deadline` is in milliseconds since the epoch and covers everything up to the last byte read. `body` is bytes or a
    stream; a stream needs `length`. `redirects` is how many may be followed (GET only; each hop is checked again and
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
    """One HTTP call to the business's API, with every variable filled in. It holds secrets: never log it.

    `at_most` calls may be at the host at the same time; 0 for the deployment's own number. `key`: the effect whose
    Idempotency-Key the call carries, "" for its own. With `holds`, another attempt follows later anyway: one that was
    too slow is not repeated in the same visit. `health`: what an answer shows of the host.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    parts: tuple[Part, ...] = field(default=(), repr=False)
    expects_file: bool = False
    filename: str = ""  # the name for an expected file; "" takes the API's own name
    seconds: float = 20.0  # timeout of one attempt
    attempts: int = 3
    at_most: int = 0
    key: str = ""
    holds: bool = False
    health: Callable[[Answer], Health] = field(default=lambda _: "success", repr=False, compare=False)


@dataclass(frozen=True)
class Answer:
    """The business's API's answer. `file` is set when the body was stored as a file, `body` when it was read."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    file: MediaReference | None = None
    attempts: int = 1
    milliseconds: int = 0


class Ports(Protocol):
    """The ports of one visit.

    `effect` names an effect within the visit ("ask", "call"): a repeated visit performs the effect of one name only
    once. The methods with an `effect` return JSON for the transcript unless their type says otherwise.
    """

    def now(self) -> int:
        """Milliseconds since the epoch."""
        ...

    def secret(self, name: str, url: str) -> str:
        """A secret of the business, for an API call to `url`.

        Raises NotPublished when there is none of that name, Refused when that host may not receive it.
        """
        ...

    def send_message(self, effect: str, message: Text | Choices) -> dict[str, Any]:
        """Send a message. Raises ChannelRefused.

        A message that the channel did not take is owed: it is sent later, and the result holds `owed`, the reason.
        Raises ChannelUnavailable only when the conversation owes too much.
        """
        ...

    def channel_profile(self) -> Profile:
        """The files that the conversation's channel accepts."""
        ...

    def receive_file(self, media: IncomingMedia, profile: Profile) -> MediaReference:
        """Fetch a customer's file, check it and store it. Raises MediaRejected, MediaUnavailable."""
        ...

    def scan_seconds(self) -> int:
        """How long a received file may wait for a malware scanner's verdict; 0 without a scanner."""
        ...

    def send_file(self, effect: str, media: MediaReference, *, caption: str = "") -> dict[str, Any]:
        """Send a file, likewise. Also raises MediaRejected, NotPublished."""
        ...

    def asset(self, name: str) -> MediaReference:
        """A file of the asset library. Raises NotPublished."""
        ...

    def call_api(self, effect: str, call: Call) -> Answer:
        """Call the business's API, retrying what may be retried. Raises Refused, Unavailable, InDoubt, TooLarge.

        HostBusy and HostOpen, which are Unavailable, mean that no call was made.
        """
        ...

    def hold_seconds(self, hold_for: int, files: Iterable[MediaReference]) -> int:
        """How long a call that uploads these files may be held from now on; `hold_for` is the author's wish, or 0."""
        ...
