"""Field types shared by flows, routes and integrations, with the messages that authors see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

IDENTIFIER = r"^[a-z][a-z0-9_]{0,63}$"
NAME = r"^[a-z][a-z0-9-]{0,63}$"
OPTION = r"^[a-z0-9][a-z0-9_-]{0,63}$"
ASSET = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
STATUS = r"^[1-5][0-9][0-9]$"

# How a message describes each pattern; the schema shows the patterns themselves.
PATTERNS = {
    IDENTIFIER: "a small letter, then small letters, digits and _ (at most 64)",
    NAME: "a small letter, then small letters, digits and - (at most 64)",
    OPTION: "small letters, digits, _ and - (at most 64)",
    ASSET: "letters, digits, dots, _ and - (at most 100), as a file is named",
}
# The format's own limits, in characters: no document grows without bounds. What a channel shows is in its profile.
LONGEST_TEXT = 4096
LONGEST_LABEL = 256  # of what a customer taps, and of the line below it
LONGEST_SESSION = 7 * 86_400  # seconds
MOST_NODES = 200  # of a flow
RESERVED = ("routes", "deployment")  # names of published items that are not flows
VariableType = Literal["text", "number", "boolean", "file", "list", "object", "any"]

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?(s|m|h|d)?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, None: 1}
END = "end"


class Strict(BaseModel):
    """A model that rejects unknown fields and converts no values."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)


def exactly_one(*choices: tuple[str, ...]) -> ConfigDict:
    """The `model_config` of a model in whose JSON Schema the fields of exactly one choice are there."""
    return ConfigDict(json_schema_extra={"oneOf": [{"required": list(fields)} for fields in choices]})


class ToFlow(Strict):
    """An exit target: another flow."""

    flow: str


TO_FLOW_SCHEMA = {
    "type": "object",
    "properties": {
        "flow": {"type": "string", "pattern": NAME, "title": "Flow", "description": "The flow to go on with."}
    },
    "required": ["flow"],
    "additionalProperties": False,
}
Target = str | ToFlow  # "end", the name of a node, or another flow


def _target(value: Any) -> Target:
    if isinstance(value, str) and re.fullmatch(IDENTIFIER, value):
        return value
    if isinstance(value, dict) and set(value) == {"flow"} and isinstance(value["flow"], str):
        return ToFlow(flow=value["flow"])
    raise PydanticCustomError("target", 'Write "end", the name of a node, or {flow: name of a flow}.')


def _seconds(value: Any) -> float:
    matched = _DURATION.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    if matched is None or isinstance(value, bool):
        raise PydanticCustomError("duration", "Write a time such as 90s, 10m, 2h or 1d.")
    return float(matched[1]) * _UNITS[matched[2]]


@dataclass(frozen=True)
class Duration:
    """Marks a duration field, stored in seconds: `Annotated[float, Duration(10, 3600)]`.

    With `or_none`, 0 is accepted too.
    """

    shortest: float
    longest: float
    or_none: bool = False

    def checked(self, value: Any) -> float:
        seconds = _seconds(value)
        if not self.shortest <= seconds <= self.longest and not (self.or_none and seconds == 0):
            bounds = {"low": duration(self.shortest), "high": duration(self.longest)}
            raise PydanticCustomError("duration_bounds", "Write a time from {low} to {high}.", bounds)
        return int(seconds) if seconds == int(seconds) else seconds

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.checked)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "pattern": f"^{_DURATION.pattern}$"}, {"type": "number", "minimum": 0}]}


def duration(seconds: float) -> str:
    """A time as authors write it, such as 90s or 1d."""
    for unit in ("d", "h", "m"):
        if seconds >= _UNITS[unit] and seconds % _UNITS[unit] == 0:
            return f"{seconds / _UNITS[unit]:g}{unit}"
    return f"{seconds:g}s"


ExitTarget = Annotated[
    Target,
    PlainValidator(_target),
    PlainSerializer(lambda way: way if isinstance(way, str) else {"flow": way.flow}),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": IDENTIFIER}, TO_FLOW_SCHEMA],
            "description": '"end", the name of a node, or {flow: name} to go on with another flow.',
        }
    ),
]
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
Name = Annotated[str, Field(pattern=NAME)]
OptionId = Annotated[str, Field(pattern=OPTION)]
AssetName = Annotated[str, Field(pattern=ASSET)]
SomeText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LABEL)]
OptionalText = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
