"""A file to send, in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.fakes.sources import Source


@dataclass
class FakeFile:
    """A `chatflow.messages.OutgoingFile`. `opened` are its streams, `remembered` what the channel had stored of it."""

    content: bytes
    kind: str = "document"
    mime: str = "application/pdf"
    filename: str = "claim.pdf"
    caption: str = ""
    stored_id: str = ""
    opened: list[Source] = field(default_factory=list)
    remembered: list[tuple[str, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.content)

    @contextmanager
    def open(self) -> Iterator[Source]:
        self.opened.append(Source(self.content))
        yield self.opened[-1]

    def remember(self, id: str, seconds: int) -> None:
        self.stored_id = id
        self.remembered.append((id, seconds))


class ForgottenFile(FakeFile):
    """The worker dies while it stores the channel's id of the file."""

    def remember(self, id: str, seconds: int) -> None:
        raise KeyboardInterrupt
