"""`routes.yaml`: which flow a message starts, the words that leave any flow, and the default texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from chatflow.conversation.early_files import FILE_KEPT, FILE_UNUSED
from chatflow.conversation.pause import QUIET_SECONDS
from chatflow.conversation.routing import RESEND
from chatflow.conversation.words import plain_word
from chatflow.flows.fields import (
    LONGEST_SESSION,
    LONGEST_TEXT,
    TO_FLOW_SCHEMA,
    Duration,
    Name,
    OptionalText,
    Strict,
    Target,
    ToFlow,
)
from chatflow.flows.problems import Finding, Path, suggestion
from chatflow.flows.template_references import template_problems, uses

_DEFAULT_TEXTS = {"no_match", "apology", "unsupported", "resend", "file_kept", "file_unused"}
Word = Annotated[str, Field(min_length=1, max_length=60)]


def _next(value: Any) -> Target:
    if value in ("end", "restart"):
        return str(value)
    if isinstance(value, dict) and set(value) == {"flow"} and isinstance(value["flow"], str):
        return ToFlow(flow=value["flow"])
    raise PydanticCustomError("next", "Write end, restart, or {flow: name of a flow}.")


Next = Annotated[
    Target, PlainValidator(_next), WithJsonSchema({"anyOf": [{"enum": ["end", "restart"]}, TO_FLOW_SCHEMA]})
]


class Route(Strict):
    """A flow and the messages that start it. A condition that is not written matches every message."""

    keywords: list[Word] = Field(
        default=[],
        description="The whole message is one of these; capitals, accents and punctuation do not matter.",
        max_length=50,
    )
    channel: str = Field(default="", description="Only on this channel, by its name.")
    channels: list[str] = Field(default=[], description="Only on these channels: channel, for several.", max_length=20)
    account: str = Field(default="", description="Only on this account: one number or bot of ours.")
    referral: str = Field(
        default="",
        description="Only messages that an ad, a post or a link led to: any, ad, post, link, or the id of one of them.",
    )
    flow: Name = Field(description="The flow to start.")

    @property
    def named_channels(self) -> list[str]:
        """The channels that the route names, in either way."""
        return [self.channel] if self.channel else self.channels


class Leave(Strict):
    """Words that leave any flow, whatever it waits for."""

    words: list[Word] = Field(
        description="The whole message is one of these; capitals, accents and punctuation do not matter.", min_length=1
    )
    say: OptionalText = Field(default="", description="What the customer reads.")
    then: Next = Field(default="end", description="end, restart (the same flow), or {flow: name}.")


class Routes(Strict):
    """Which flow a conversation starts, and what is said when none does."""

    chatflow: Literal[1] = Field(description="The version of the format: 1.")
    routes: list[Route] = Field(description="Tried from the top; the first that fits wins.", max_length=200)
    channels: list[str] = Field(
        default=[],
        description="The channels that routes are for which name none of their own. Empty: every channel; then flows "
        "are validated for the channels that other routes name, and for the default one.",
        max_length=20,
    )
    leave: list[Leave] = Field(default=[], description="The words that leave any flow.", max_length=50)
    no_match: Annotated[str, Field(max_length=LONGEST_TEXT)] = Field(
        default="Sorry, I did not understand that.", description="Said when a message starts no flow."
    )
    apology: Annotated[str, Field(max_length=LONGEST_TEXT)] = Field(
        default="Sorry, something went wrong on our side. Please try again later.",
        description="Said when something breaks.",
    )
    unsupported: Annotated[str, Field(max_length=LONGEST_TEXT)] = Field(
        default="Sorry, I cannot read that kind of message.", description="Said to a message that no flow can read."
    )
    resend: Annotated[str, Field(max_length=LONGEST_TEXT)] = Field(
        default=RESEND,
        description="Said when the channel lost a file, and no flow runs.",
    )
    file_kept: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] = Field(
        default=FILE_KEPT,
        description="Said when a file comes before the flow asks for one, and is kept until then.",
    )
    file_unused: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] = Field(
        default=FILE_UNUSED,
        description="Said when a session ends and a file was not used, and nothing else was said about it.",
    )
    pause_for: Annotated[float, Duration(60, LONGEST_SESSION)] = Field(
        default=QUIET_SECONDS,
        description="How long the bot stays silent after a person of the business wrote to the customer, such as 24h.",
    )

    @property
    def flows_after_leaving(self) -> list[str]:
        """The flows that the words lead to that leave any flow."""
        return [each.then.flow for each in self.leave if isinstance(each.then, ToFlow)]

    def channels_for(self, route: Route) -> list[str]:
        """The names of the channels that a route is for; one empty name for every channel."""
        return route.named_channels or self.channels or [""]

    def compiled(self) -> dict[str, Any]:
        """The routes as a turn reads them. Newer fields are compiled only where used: others stay as they were.

        A route for several channels becomes one for each.
        """
        return {
            "routes": [
                {
                    **route.model_dump(exclude={"channels"} if route.referral else {"channels", "referral"}),
                    "keywords": [plain_word(word) for word in route.keywords],
                    "channel": channel,
                }
                for route in self.routes
                for channel in self.channels_for(route)
            ],
            "leave": [
                {
                    "words": [plain_word(word) for word in leave.words],
                    "say": leave.say,
                    "then": leave.then if isinstance(leave.then, str) else {"flow": leave.then.flow},
                }
                for leave in self.leave
            ],
            "no_match": self.no_match,
            "apology": self.apology,
            "unsupported": self.unsupported,
            **({"resend": self.resend} if self.resend != RESEND else {}),
            **({"file_kept": self.file_kept} if self.file_kept != FILE_KEPT else {}),
            **({"file_unused": self.file_unused} if self.file_unused != FILE_UNUSED else {}),
            **({"pause_for": int(self.pause_for)} if self.pause_for != QUIET_SECONDS else {}),
        }


def findings(routes: Routes, flows: Collection[str], channels: Collection[str]) -> Iterator[Finding]:
    """Validate the routes as a whole against the known flows and channels."""
    leave = {plain_word(word): each.then for each in reversed(routes.leave) for word in each.words}
    yield from _channel_findings(("channels",), routes.channels, channels)
    yield from _route_findings(routes, flows, channels, leave)
    yield from _leave_findings(routes.leave, flows)
    texts = {"leave": [{"say": leave.say} for leave in routes.leave], **routes.model_dump(include=_DEFAULT_TEXTS)}
    for path, message in template_problems(texts, secrets=False):
        yield Finding(path, message)
    for path, reference in uses(texts):
        if reference.source == "variable":
            only = "Only [[contact:...]] and [[session:...]] are."
            yield Finding(path, f"[[{reference.name}]] may not be set when this is said. {only}")


def _channel_findings(path: Path, names: list[str], known: Collection[str]) -> Iterator[Finding]:
    for place, name in enumerate(names):
        if name not in known:
            yield Finding((*path, place), f'There is no channel "{name}".{suggestion(name, known)}')
        elif name in names[:place]:
            yield Finding((*path, place), f'"{name}" stands here twice. Take one out.')


def _route_findings(
    routes: Routes, flows: Collection[str], channels: Collection[str], leave: Mapping[str, Target]
) -> Iterator[Finding]:
    """`leave` maps the words that leave any flow to where they lead."""
    taken: dict[tuple[str, str, str, str], tuple[int, str]] = {}
    for place, route in enumerate(routes.routes):
        path: Path = ("routes", place)
        if route.flow not in flows:
            yield Finding((*path, "flow"), f'There is no flow "{route.flow}".{suggestion(route.flow, flows)}')
        if route.channel and route.channel not in channels:
            known = suggestion(route.channel, channels)
            yield Finding((*path, "channel"), f'There is no channel "{route.channel}".{known}')
        if route.channel and route.channels:
            yield Finding((*path, "channels"), "Write channel or channels, not both.")
        yield from _channel_findings((*path, "channels"), route.channels, channels)
        for number, word in enumerate(route.keywords):
            at, form = (*path, "keywords", number), plain_word(word)
            conditions = [(form, channel, route.account, route.referral) for channel in routes.channels_for(route)]
            earlier = next((taken[each] for each in conditions if each in taken), None)
            if not form:
                yield Finding(at, "Write something here; it is empty.")
            elif earlier:
                message = f"{_same(word, earlier[1])} in route {earlier[0] + 1}, which wins. Take one of them out."
                yield Finding(at, message)
            elif leave.get(form, ToFlow(flow=route.flow)) != ToFlow(flow=route.flow):
                message = f'"{word}" leaves any flow, so it never starts this one. Take it out here or under leave.'
                yield Finding(at, message)
            for each in conditions:
                taken.setdefault(each, (place, word))
        takes_all = not (route.keywords or route.named_channels or route.account or route.referral)
        others = {name for later in routes.routes[place + 1 :] for name in later.named_channels}
        if takes_all and place < len(routes.routes) - 1 and not (routes.channels and others - set(routes.channels)):
            yield Finding(path, "This route takes every message, so no route after it is ever tried. Put it last.")


def _leave_findings(leave: list[Leave], flows: Collection[str]) -> Iterator[Finding]:
    taken: dict[str, str] = {}
    for place, each in enumerate(leave):
        for number, word in enumerate(each.words):
            at, form = ("leave", place, "words", number), plain_word(word)
            if not form:
                yield Finding(at, "Write something here; it is empty.")
            elif form in taken:
                yield Finding(at, f"{_same(word, taken[form])} above. Take one of them out.")
            taken.setdefault(form, word)
        if isinstance(each.then, ToFlow) and each.then.flow not in flows:
            hint = suggestion(each.then.flow, flows)
            yield Finding(("leave", place, "then"), f'There is no flow "{each.then.flow}".{hint}')


def _same(word: str, other: str) -> str:
    """That a word, or one that people mean the same by, was written before."""
    if word.casefold().split() == other.casefold().split():
        return f'"{word}" already stands'
    return f'"{word}" means the same as "{other}"'
