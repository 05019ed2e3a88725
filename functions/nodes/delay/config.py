"""The config of a node of type `delay`, as an author writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from chatflow.conversation.undelivered import UNDELIVERED
from chatflow.flows.channel_findings import long_texts
from chatflow.flows.exits import NOT_DELIVERED, Exit
from chatflow.flows.fields import Duration, OptionalText, exactly_one
from chatflow.flows.form_hints import hint
from chatflow.flows.node_config import OBJECT, Behaviour, NodeConfig, Resources, View
from chatflow.flows.problems import Finding, suggestion
from nodes.delay.moments import LONGEST, SHORTEST, zones

_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_VARIABLE = re.compile(r"\[\[[^\[\]]*\]\]")
_MESSAGE = "message"
_WAYS = ("for", "at", "until")
_ZONES = "Names are those of the IANA database, such as Europe/Berlin."
_UNDELIVERED_WITHOUT_SAY = "This exit is never taken, because the node says nothing. Write say, or take the exit out."


class Config(NodeConfig):
    """Wait for a time, then go on."""

    model_config = exactly_one(("for",), ("at", "zone"), ("until",))

    declared_exits: ClassVar = (
        Exit("done", required=True, main=True, timeout=True),
        Exit(_MESSAGE),
        Exit("failed", setback=True),
        NOT_DELIVERED,
    )
    waits: ClassVar[bool] = True
    for_time: ClassVar[bool] = True

    type: Literal["delay"]
    duration: Annotated[float, Duration(SHORTEST, LONGEST)] = Field(
        default=0,
        alias="for",
        description="How long to wait, from 30s to 30d.",
        json_schema_extra=hint("duration", card=True),
    )
    at: str = Field(
        default="",
        description='Until the next time that the clocks of the zone show this, such as "09:00".',
        json_schema_extra=hint(card=True),
    )
    zone: str = Field(
        default="", description="The time zone of `at`, such as Europe/Berlin.", json_schema_extra=hint(card=True)
    )
    until: str = Field(
        default="",
        description='A variable with the time to wait for, such as "[[visit.begins]]": ISO 8601 with an offset, or '
        "seconds since 1970. At most 30 days ahead.",
        json_schema_extra=hint("template", card=True),
    )
    say: OptionalText = Field(
        default="",
        description="What the customer hears who writes meanwhile, once in ten minutes. Without it, and without the "
        "exit message, messages are kept for what follows.",
        json_schema_extra=hint("text", card=True),
    )

    def behaviour(self, node: str, _resources: Resources) -> Behaviour:
        failure = {f"{node}_failure": OBJECT}
        never = {} if self.say else {UNDELIVERED: _UNDELIVERED_WITHOUT_SAY}
        return self.declared_behaviour(
            least_wait=0 if self.until else int(self.duration) or 1,  # the time in a variable may have passed
            follows={_MESSAGE: "done"},  # where it is not written, it is never taken
            never=never,
            sets={"failed": failure, UNDELIVERED: failure},
        )

    def templates(self) -> dict[str, Any]:
        return {"until": self.until, "say": self.say}

    def check(self, _node: str, _view: View) -> Iterable[Finding]:
        ways = [way for way in _WAYS if self._has(way)]
        if not ways:
            yield Finding((), "Write how long to wait: one of for, at (with zone) and until.")
        for way in ways[1:]:
            yield Finding((way,), f'"{ways[0]}" says already until when to wait. Keep one of them.')
        if self.at and not _TIME_OF_DAY.fullmatch(self.at):
            yield Finding(("at",), f'"{self.at}" is no time of day. Write hours and minutes, from 00:00 to 23:59.')
        if self.zone and not self.at:
            yield Finding(("zone",), "A zone belongs to a time of day. Write at, or take the zone out.")
        elif self.at and not self.zone:
            yield Finding(("zone",), f"Write in which time zone it is {self.at} then. {_ZONES}")
        elif self.at and self.zone not in zones():
            hint = suggestion(self.zone, zones(), _ZONES)
            yield Finding(("zone",), f'There is no time zone "{self.zone}".{hint}')
        if self.until and not _VARIABLE.fullmatch(self.until):
            yield Finding(("until",), 'Write one whole variable, such as "[[visit.begins]]".')
        if self.say and _MESSAGE in self.exits:
            yield Finding(("say",), "This is never said, because the first message takes the exit message. Keep one.")

    def warnings(self, _node: str, view: View) -> Iterable[Finding]:
        yield from long_texts(view.channels, {"say": self.say})

    def compiled(self, _resources: Resources) -> dict[str, Any]:
        ways = {"for": int(self.duration), "at": self.at, "zone": self.zone, "until": self.until}
        given = {name: value for name, value in ways.items() if value}
        return {**given, "say": self.say, "exit_on_message": _MESSAGE in self.exits}

    def _has(self, way: str) -> bool:
        return bool({"for": self.duration, "at": self.at, "until": self.until}[way])
