"""Options and arguments that several commands share."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from chatflow.channels import manifest
from chatflow_cli.errors import UsageError

Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="At most so many.")]
Since = Annotated[str, typer.Option(help="Not older: 30m, 2h, 3d, a date or a time.")]
Until = Annotated[str, typer.Option(help="Not newer.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether you are sure.")]
Note = Annotated[str, typer.Option("--note", "-m", help="Why, for those who read the versions later.")]
Force = Annotated[bool, typer.Option("--force", help="Even though it is in use. Needs the role admin.")]

Channel = Annotated[str, typer.Option(help="The channel.")]
DEFAULT_CHANNEL = manifest.default_name()
Account = Annotated[str, typer.Option(help="Your number or bot on the channel.")]


def parse_pairs(arguments: list[str], *, typed: bool = False) -> dict[str, Any]:
    """Parse `NAME=VALUE` arguments. Raises UsageError for any other.

    With `typed`, a value that is a JSON object, a list, true, false or null keeps its JSON type. A number stays text,
    since 0123 and 1e5 are number plates.
    """
    pairs: dict[str, Any] = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals or not name:
            raise UsageError(f'"{argument}" is no NAME=VALUE.')
        pairs[name] = _parse_value(value) if typed else value
    return pairs


def _parse_value(value: str) -> Any:
    if value[:1] in ("{", "[") or value in ("true", "false", "null"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
