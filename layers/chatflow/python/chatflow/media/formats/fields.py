"""Fields of a Word file that run a program: DDE and DDEAUTO. Source: ECMA-376, part 1, 17.16."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chatflow.media.formats.xml_part import local_name
from chatflow.media.ranges import InvalidFile

_DDE = re.compile(r"DDE(AUTO)?\b", re.IGNORECASE)
_KEPT = 32  # characters of an instruction: its first word decides


class DdeFields:
    """Takes the elements of a part one by one. Raises InvalidFile for a field that runs a program, or may do so.

    The instruction of a field may be spread over many elements. A field may stand within that of another; one whose
    first word is the result of another is refused too, as no program writes that.
    """

    def __init__(self) -> None:
        self._open: list[str | None] = []  # the instruction of each field so far; None behind it
        self._in_instruction = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "fldSimple":
            for instruction in _values(attributes, "instr"):
                _check(instruction)
        elif name == "instrText":
            self._in_instruction = True
        elif name == "fldChar":
            kinds = _values(attributes, "fldCharType")
            if "begin" in kinds:
                if self._open and self._open[-1] == "":
                    raise InvalidFile("active_content", "a field whose first word is computed")
                self._open.append("")
            elif self._open:
                _check(self._open[-1] or "")
                self._open[-1] = None
                if "end" in kinds:
                    self._open.pop()

    def end(self, name: str) -> None:
        if name == "instrText":
            self._in_instruction = False

    def text(self, data: str) -> None:
        if self._in_instruction and self._open and self._open[-1] is not None:
            self._open[-1] = (self._open[-1] + data).lstrip(' \t\r\n\xa0"')[:_KEPT]

    def close(self) -> None:
        """After the last element: a field without an end counts as well."""
        for each in self._open:
            _check(each or "")


def _values(attributes: Mapping[str, str], name: str) -> list[str]:
    """All attributes of this name, whatever their prefix."""
    return [value for each, value in attributes.items() if local_name(each) == name]


def _check(instruction: str) -> None:
    if _DDE.match(instruction.lstrip(' \t\r\n\xa0"')):
        raise InvalidFile("active_content", "a field that runs a program")
