"""Why a deploy is not begun."""

from __future__ import annotations


class Refusal(Exception):
    """The deploy would fail, or do harm: `text` says why, `mend` what to do."""

    def __init__(self, text: str, mend: str) -> None:
        super().__init__(f"{text} {mend}")
        self.text = text
        self.mend = mend
