"""What a check found: ok, not ok, or that it cannot tell; and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`NOT_OK`: a deploy would fail or do harm, or the deployment does not work. `CANNOT_TELL`: nothing is known."""

    OK = "ok"
    NOT_OK = "not ok"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Finding:
    """One line of the report. `mend` says what to do; "" when there is nothing to do."""

    check: str
    verdict: Verdict
    text: str
    mend: str = ""

    def to_json(self) -> dict[str, str]:
        return {"check": self.check, "verdict": str(self.verdict), "text": self.text, "mend": self.mend}


def ok(check: str, text: str) -> Finding:
    return Finding(check, Verdict.OK, text)


def not_ok(check: str, text: str, mend: str) -> Finding:
    return Finding(check, Verdict.NOT_OK, text, mend)


def cannot_tell(check: str, text: str, mend: str = "") -> Finding:
    return Finding(check, Verdict.CANNOT_TELL, text, mend)
