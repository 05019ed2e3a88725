"""Reads a command as a shell would: the words of the first command in a text. Nothing is run or looked up.

Quoting of bash ('...', "...", $'...', \\), and of cmd.exe (^) as browsers copy it. `$NAME` becomes `[[name]]`: a
variable of the shell is a value that a flow has to give.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_OPERATOR: Final = re.compile(r"\|\|?|&&?|;|[<>]")
_VARIABLE: Final = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_LINE_ENDS: Final = re.compile(r"\r\n?")
_ESCAPED: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "E": "\x1b",
}
_CODE: Final = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})")
_LONGEST_NAME: Final = 64


class UnreadableCommand(Exception):
    """The text is not a command. The message says what is wrong, and holds nothing of the text."""


@dataclass
class Words:
    """The words, and what was not taken as a shell would take it."""

    words: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)  # of the shell
    warnings: list[str] = field(default_factory=list)


def shell_words(text: str) -> Words:
    """Split a command into its words. Raises UnreadableCommand for a quote that is not closed."""
    return _Reader(_without_carets(_LINE_ENDS.sub("\n", text).strip())).read()


def _without_carets(text: str) -> str:
    """A command for cmd.exe, where ^ quotes the next character and continues a line, without its carets."""
    # A caret within the quotes of bash is part of a text, so the first quote tells whose command this is.
    first = re.search(r"[\"']", text)
    quotes_with_carets = first is not None and text[: first.end()].endswith('^"')
    if not quotes_with_carets and "^\n" not in re.sub(r"'[^']*'|\"[^\"]*\"", "", text):
        return text
    return re.sub(r"\^(.)", lambda found: "" if found[1] == "\n" else found[1], text, flags=re.DOTALL)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found = Words()
        self._word: list[str] | None = None

    def read(self) -> Words:
        while self._at < len(self._text):
            if self._ends_command():
                break
            self._step()
        self._end_word()
        return self._found

    def _ends_command(self) -> bool:
        if self._text[self._at] == "\n":
            rest = self._text[self._at :].strip()
        elif _OPERATOR.match(self._text, self._at):
            rest = "more"
        else:
            return False
        if rest:
            self._warn("Only the first command was read: what follows it, such as | or ;, was left out.")
        return True

    def _step(self) -> None:
        char, following = self._text[self._at], self._text[self._at + 1 : self._at + 2]
        if char in " \t":
            self._end_word()
            self._at += 1
        elif char in "\\`" and following == "\n":  # bash, PowerShell
            self._at += 2
        elif char == "\\":
            self._put(following)
            self._at += 2
        elif char == "'":
            self._put(self._until("'"))
        elif char == '"':
            self._double_quoted()
        elif char == "$" and following == "'":
            self._at += 1
            self._dollar_quoted()
        else:
            self._plain(char)

    def _plain(self, char: str) -> None:
        """One character outside of single quotes: itself, or the beginning of a variable."""
        variable = _VARIABLE.match(self._text, self._at)
        if variable:
            name = (variable[1] or variable[2]).lower().strip("_")[:_LONGEST_NAME] or "value"
            self._put(f"[[{name}]]")
            self._at = variable.end()
            self._found.variables.append(name)
            return
        if char == "`" or self._text.startswith("$(", self._at):
            self._warn("A command inside the command was not run; it stands as it was written.")
        self._put(char)
        self._at += 1

    def _double_quoted(self) -> None:
        self._put("")
        self._at += 1
        while True:
            char = self._text[self._at : self._at + 1]
            following = self._text[self._at + 1 : self._at + 2]
            if not char:
                raise UnreadableCommand('A " is not closed.')
            if char == '"':
                self._at += 1
                return
            if char == "\\" and following in ('"', "\\", "$", "`", "\n"):
                self._put("" if following == "\n" else following)
                self._at += 2
            else:
                self._plain(char)

    def _dollar_quoted(self) -> None:
        self._put("")
        self._at += 1
        while True:
            char = self._text[self._at : self._at + 1]
            if not char:
                raise UnreadableCommand("A $' is not closed.")
            self._at += 1
            if char == "'":
                return
            if char == "\\":
                self._put(self._escape())
            else:
                self._put(char)

    def _escape(self) -> str:
        code = _CODE.match(self._text, self._at)
        if code:
            self._at = code.end()
            number = int(code[4], 8) if code[4] else int(code[1] or code[2] or code[3], 16)
            return chr(number) if number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"
        char = self._text[self._at : self._at + 1]
        self._at += 1
        return _ESCAPED.get(char, char if char in "\\'\"?" else f"\\{char}")

    def _until(self, quote: str) -> str:
        end = self._text.find(quote, self._at + 1)
        if end < 0:
            raise UnreadableCommand(f"A {quote} is not closed.")
        inside = self._text[self._at + 1 : end]
        self._at = end + 1
        return inside

    def _put(self, text: str) -> None:
        if self._word is None:
            self._word = []
        self._word.append(text)

    def _end_word(self) -> None:
        if self._word is not None:
            self._found.words.append("".join(self._word))
            self._word = None

    def _warn(self, message: str) -> None:
        if message not in self._found.warnings:
            self._found.warnings.append(message)
