"""Exit codes, and the exceptions that end a command with one of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """The exit codes of `chatflow`. Scripts rely on them: the same failure always ends with the same number."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_ALLOWED = 3
    NOT_FOUND = 4
    CONFLICT = 5
    UNAVAILABLE = 6
    NOTHING_ERASED = 7
    INTERNAL_ERROR = 70
    INTERRUPTED = 130


EXIT_CODE_MEANINGS = {
    ExitCode.OK: "it worked",
    ExitCode.FAILED: "what you asked about is wrong: problems found, a file rejected",
    ExitCode.USAGE: "the command itself was written wrongly",
    ExitCode.NOT_ALLOWED: "not logged in, or not allowed",
    ExitCode.NOT_FOUND: "there is no such thing",
    ExitCode.CONFLICT: "someone changed it meanwhile, or it is in use",
    ExitCode.UNAVAILABLE: "the API does not answer, or not in time",
    ExitCode.NOTHING_ERASED: "an erasure found nothing to erase",
    ExitCode.INTERNAL_ERROR: "a fault of the command line itself",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
}


class CommandError(Exception):
    """Ends a command: a title, what happened, and what to do. `members` appear in the JSON output only."""

    exit_code = ExitCode.FAILED

    def __init__(
        self, title: str, detail: str = "", advice: str = "", *, members: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.advice = advice
        self.members = dict(members or {})

    def to_json(self) -> dict[str, Any]:
        """The members of a problem document, with the exit code added."""
        texts = {"title": self.title, "detail": self.detail, "advice": self.advice}
        return {"exit": int(self.exit_code), **{key: text for key, text in texts.items() if text}, **self.members}


class UsageError(CommandError):
    exit_code = ExitCode.USAGE


class NotAllowed(CommandError):
    exit_code = ExitCode.NOT_ALLOWED


class NotFound(CommandError):
    exit_code = ExitCode.NOT_FOUND


class Conflict(CommandError):
    exit_code = ExitCode.CONFLICT


class Unavailable(CommandError):
    exit_code = ExitCode.UNAVAILABLE


class InternalError(CommandError):
    exit_code = ExitCode.INTERNAL_ERROR

    @classmethod
    def from_exception(cls, error: Exception) -> InternalError:
        """Describes an unexpected exception without a stack trace."""
        return cls(
            "A fault of the command line itself.",
            f"{type(error).__name__}: {error}",
            "CHATFLOW_DEBUG=1 shows where.",
        )
