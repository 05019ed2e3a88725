"""The messages that a channel takes: its longest texts, its most options, how it counts, and what fits. Pure.

A channel's LIMITS say what it takes. Its rendering and the validation of flows read the same ones, so that a flow is
reported exactly where the channel would show something else than was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from chatflow.messages import Choices, Option

Unit = Literal["utf-16", "characters", "bytes"]
Form = Literal["buttons", "list", "text"]  # "text": the options as numbered lines

_BORDERS = ("\n\n", "\n", " ")  # where a long text is cut, best first


@dataclass(frozen=True)
class MessageLimits:
    """The most that one message of a channel may hold. 0: the channel has no such thing.

    Every length is in the channel's own unit, see `length`. Ids are the options' ids, which come back with a tap.
    """

    text: int
    caption: int = 0  # below a file
    captioned: frozenset[str] = frozenset({"image", "video"})  # the kinds of file whose caption customers see
    named: frozenset[str] = frozenset({"document"})  # the kinds of file whose name customers see
    question: int = 0  # the text beside buttons or a list
    buttons: int = 0  # how many
    button_title: int = 0
    button_id: int = 0
    rows: int = 0  # of a list: how many
    row_title: int = 0
    row_description: int = 0
    row_id: int = 0
    list_button: int = 0  # the label that opens a list
    unit: Unit = "utf-16"  # the largest of the usual counts but bytes: for a channel that does not say how it counts

    def shows_caption(self, kind: str) -> bool:
        """Whether customers may see the caption of a file of this kind; "" for a kind that is not known yet."""
        return not kind or kind in self.captioned

    def length(self, text: str) -> int:
        """The length of a text as the channel counts it."""
        if self.unit == "utf-16":
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        return len(text) if self.unit == "characters" else len(text.encode("utf-8", "surrogatepass"))

    def present(self, choices: Choices) -> tuple[Form, str]:
        """The richest form in which the channel shows all options as they are written, and the text beside them."""
        form: Form = "text"
        if self._fit_buttons(choices.options):
            form = "buttons"
        elif self._fit_rows(choices.options):
            form = "list"
        return form, self.beside(form, choices)

    def beside(self, form: Form, choices: Choices) -> str:
        """The text of a message that shows options in this form.

        Buttons show no descriptions: a channel without a list shows these in the text. Without a question, the text is
        the label of the list.
        """
        question = choices.body.strip() or choices.button.strip() or "?"
        lines: Iterable[str] = ()
        if form == "buttons":
            lines = (_line(each) for each in choices.options if each.description)
        elif form == "text":
            lines = (f"{number}. {_line(each)}" for number, each in enumerate(choices.options, start=1))
        return "\n\n".join(filter(None, (question, "\n".join(lines))))

    def _fit_buttons(self, options: tuple[Option, ...]) -> bool:
        """Whether buttons hold these options. Two buttons with one title cannot be told apart."""
        return (
            len(options) <= self.buttons
            and len({each.title for each in options}) == len(options)
            and not (self.rows and any(each.description for each in options))
            and self._fit(options, self.button_title, self.button_id)
        )

    def _fit_rows(self, options: tuple[Option, ...]) -> bool:
        """Whether a list holds these options."""
        described = all(self.length(each.description) <= self.row_description for each in options)
        return len(options) <= self.rows and described and self._fit(options, self.row_title, self.row_id)

    def _fit(self, options: tuple[Option, ...], longest_title: int, longest_id: int) -> bool:
        """An id must come back as it was sent, so it is never shortened. Channels trim blanks around it."""
        return 0 < len(options) == len({each.id for each in options}) and all(
            each.title.strip()
            and self.length(each.title) <= longest_title
            and each.id == each.id.strip() != ""
            and self.length(each.id) <= longest_id
            for each in options
        )

    def split(self, text: str, limit: int) -> list[str]:
        """The text in pieces of at most `limit` units, cut where a reader pauses. Only blanks at cuts are lost.

        `limit` is 4 or more (2 in units of utf-16), so that each piece holds a character.
        """
        pieces = []
        rest = text.strip()
        while self.length(rest) > limit:
            cut = self._cut(rest, limit)
            pieces.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        return [*pieces, rest] if rest else pieces

    def _cut(self, text: str, limit: int) -> int:
        """Where to cut: after a paragraph, else a line, else a word, unless that leaves less than half a piece."""
        most = self._characters_within(text, limit)
        for border in _BORDERS:
            position = text.rfind(border, 0, most + 1)
            if position >= most // 2:
                return position
        return most

    def _characters_within(self, text: str, limit: int) -> int:
        """How many characters from the beginning have a length of at most `limit`."""
        most = limit
        while (excess := self.length(text[:most]) - limit) > 0:
            most -= (excess + 3) // 4  # a character takes 4 units at most, so this never takes too many
        return most


def _line(option: Option) -> str:
    return f"{option.title} - {option.description}" if option.description else option.title
