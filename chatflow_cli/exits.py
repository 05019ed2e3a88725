"""What an exit code says, and the failures that end in one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """For scripts: the same failure always ends with the same number."""

    OK = 0
    WRONG = 1
    USAGE = 2
    NOT_ALLOWED = 3
    NOT_FOUND = 4
    CONFLICT = 5
    UNAVAILABLE = 6
    BROKEN = 70
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "it worked",
    ExitCode.WRONG: "what you asked about is wrong: problems found, a file rejected",
    ExitCode.USAGE: "the command itself was written wrongly",
    ExitCode.NOT_ALLOWED: "not logged in, or not allowed",
    ExitCode.NOT_FOUND: "there is no such thing",
    ExitCode.CONFLICT: "someone changed it meanwhile, or it is in use",
    ExitCode.UNAVAILABLE: "the API does not answer, or not in time",
    ExitCode.BROKEN: "a fault of the command line itself",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
}


class Failure(Exception):
    """What ends a command: a title, what happened, and what to do. `members` are for machines."""

    exit_code = ExitCode.WRONG

    def __init__(
        self, title: str, detail: str = "", advice: str = "", *, members: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.advice = advice
        self.members = dict(members or {})

    def to_json(self) -> dict[str, Any]:
        """As a problem document says it, with the exit code beside it."""
        words = {"title": self.title, "detail": self.detail, "advice": self.advice}
        return {"exit": int(self.exit_code), **{key: text for key, text in words.items() if text}, **self.members}


class Usage(Failure):
    exit_code = ExitCode.USAGE


class NotLoggedIn(Failure):
    exit_code = ExitCode.NOT_ALLOWED


class NotFound(Failure):
    exit_code = ExitCode.NOT_FOUND


class Conflict(Failure):
    exit_code = ExitCode.CONFLICT


class Unavailable(Failure):
    exit_code = ExitCode.UNAVAILABLE


class Broken(Failure):
    exit_code = ExitCode.BROKEN

    @classmethod
    def by(cls, fault: Exception) -> Broken:
        """What nobody foresaw, without a stack trace."""
        words = f"{type(fault).__name__}: {fault}"
        return cls("A fault of the command line itself.", words, "CHATFLOW_DEBUG=1 shows where.")
