"""What of a node does not fit a channel: the texts, options, captions and files that the channel does not take.

What the channel would show in another way than it was written is a problem: a caption or a question in two messages,
options as numbered lines. That a long text is sent as several messages is a warning. Values that references stand for
are not known; their part of a text counts nothing here, and what a channel then does not take, it shows more plainly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from chatflow.channels.message_limits import Form
from chatflow.flows.channels import Channels, FlowChannel
from chatflow.flows.problems import Finding, Path
from chatflow.flows.template_references import literal
from chatflow.media.profiles import PRODUCT
from chatflow.messages import Choices, Option

_OPTION = {
    "id": "the id of an option",
    "title": "the title of an option",
    "description": "the description of an option",
}
_WITH_DESCRIPTIONS = "a question with options, together with their descriptions,"


def long_texts(channels: Channels, texts: Mapping[str, str]) -> Iterator[Finding]:
    """The texts (by field) that a channel sends as several messages: warnings."""
    for channel in channels.values():
        limits = channel.messages
        for field, text in texts.items():
            pieces = limits.split(literal(text), limits.text)
            if len(pieces) > 1:
                message = f"{_too_long(channel, 'a text', limits.text, text)}: it is sent as {len(pieces)} messages."
                yield Finding((field,), message)


def long_captions(channels: Channels, path: Path, caption: str, kind: str = "") -> Iterator[Finding]:
    """The channels whose captions below a file of this kind ("" for any) are shorter than this one."""
    for channel in channels.values():
        limit, length = channel.messages.caption, channel.messages.length(literal(caption).strip())
        if channel.messages.shows_caption(kind) and 0 < limit < length:
            consequence = "the rest would be a text of its own. Shorten it, or say the rest in a node of its own."
            yield Finding(path, f"{_too_long(channel, 'a caption', limit, caption)}: {consequence}")


def lost_captions(channels: Channels, path: Path, kind: str) -> Iterator[Finding]:
    """The channels that show files of this kind without a caption."""
    for channel in channels.values():
        if not channel.messages.shows_caption(kind):
            consequence = "Take it out, or say it in a text node."
            yield Finding(path, f"{channel.title} shows no caption below {_spoken(kind)}. {consequence}")


def lost_names(channels: Channels, path: Path, kind: str) -> Iterator[Finding]:
    """The channels that show files of this kind without a name."""
    for channel in channels.values():
        if kind not in channel.messages.named:
            yield Finding(path, f"{channel.title} shows no name of {_spoken(kind)}. Take it out.")


def captions_of_documents(channels: Channels, path: Path) -> Iterator[Finding]:
    """The channels that show a document with its name, without a caption: warnings."""
    for channel in channels.values():
        if not channel.messages.shows_caption("document"):
            message = f"{channel.title} shows a document with its name, without a caption."
            yield Finding(path, f"{message} Say it in a text node, if it must be read.")


def unshown_captions(channels: Channels, path: Path, kind: str = "") -> Iterator[Finding]:
    """The channels that show no captions, and send that of a file of this kind ("" for any) as a text: warnings."""
    for channel in channels.values():
        if not channel.messages.caption and channel.messages.shows_caption(kind):
            yield Finding(path, f"{channel.title} shows no captions: this one is sent as a text of its own.")


def unfit_choices(channels: Channels, questions: Mapping[str, str], choices: Choices) -> Iterator[Finding]:
    """What a channel that shows options would show otherwise than it is written.

    `questions` are the texts (by field) that are asked with these options. A channel without buttons and lists always
    shows options as numbered lines.
    """
    options = tuple(Option(each.id, literal(each.title), literal(each.description)) for each in choices.options)
    label = literal(choices.button).strip()
    for channel in channels.values():
        limits = channel.messages
        forms: dict[Form, list[Finding]] = {}
        if limits.rows:
            forms["list"] = list(_unfit_options(channel, "list", options))
        if limits.buttons:
            forms["buttons"] = list(_unfit_options(channel, "buttons", options))
        if not forms:
            continue
        form = "buttons" if forms.get("buttons") == [] else min(forms, key=lambda form: len(forms[form]))
        yield from forms[form]
        for field, question in questions.items():
            text = limits.beside(form, Choices(literal(question), options, label))
            if question and limits.length(text) > limits.question:
                consequence = "its beginning would be a message of its own. Shorten it, or begin in a node before it."
                called = "a question with options" if text == literal(question).strip() else _WITH_DESCRIPTIONS
                yield Finding((field,), f"{_too_long(channel, called, limits.question, text)}: {consequence}")
        if form == "list" and limits.length(label) > limits.list_button:
            message = _too_long(channel, "the label that opens a list", limits.list_button, label)
            yield Finding(("button",), f"{message}: its end would be cut. Shorten it.")


def _unfit_options(channel: FlowChannel, form: Form, options: tuple[Option, ...]) -> Iterator[Finding]:
    """Why a channel would not show options in this form. Titles that are empty or alike are problems on any channel."""
    limits = channel.messages
    most, where = (limits.rows, "in a list") if form == "list" else (limits.buttons, "as buttons")
    if len(options) > most:
        yield Finding(
            ("options",),
            f"{channel.title} shows at most {most} options {where}, and this question has {len(options)}: they would "
            f"be sent as numbered lines. Take {len(options) - most} out, or ask in two steps.",
        )
    consequence = "the options would be sent as numbered lines. Shorten it."
    for place, option in enumerate(options):
        texts = {
            "id": (option.id, limits.row_id if form == "list" else limits.button_id),
            "title": (option.title, limits.row_title if form == "list" else limits.button_title),
        }
        if limits.rows:  # without a list, descriptions stand in the question
            texts["description"] = (option.description, limits.row_description if form == "list" else 0)
        for field, (text, limit) in texts.items():
            if limits.length(text) > limit:
                message = f"{_too_long(channel, _OPTION[field], limit, text)}: {consequence}"
                yield Finding(("options", place, field), message)


def missing_kinds(channels: Channels, path: Path, kinds: Collection[str]) -> Iterator[Finding]:
    """The channels that bring none of these kinds of file: customers there could never answer."""
    for channel in channels.values():
        if not _brought(channel, kinds):
            yield Finding(path, f"{channel.title} brings no {_listed(kinds)} of a customer. Accept another kind too.")


def unreceived_kinds(channels: Channels, path: Path, kinds: Collection[str]) -> Iterator[Finding]:
    """The channels that bring only some of these kinds of file: warnings."""
    for channel in channels.values():
        missing = [kind for kind in kinds if not _brought(channel, [kind])]
        if missing and len(missing) < len(kinds):
            yield Finding(
                path, f"{channel.title} brings no {_listed(missing)} of a customer: others can be sent there."
            )


def _brought(channel: FlowChannel, kinds: Collection[str]) -> bool:
    return bool(PRODUCT.narrowed_by(channel.files).only(kinds).limits)


def _too_long(channel: FlowChannel, what: str, limit: int, text: str) -> str:
    """The first half of a sentence. A length that is not the number of characters is named as the channel's count."""
    shown = literal(text).strip()
    length = channel.messages.length(shown)
    counted = "" if length == len(shown) else f", as {channel.title} counts"
    return f"On {channel.title}, {what} has at most {limit} characters, and this one has {length}{counted}"


def _spoken(kind: str) -> str:
    return {"audio": "an audio file"}.get(kind, f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}")


def _listed(kinds: Iterable[str]) -> str:
    return " or ".join(f"{kind} files" for kind in kinds)
