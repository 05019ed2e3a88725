"""What trying an integration showed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from chatflow_cli.exits import Usage
from chatflow_cli.screen import Screen
from chatflow_cli.wording import size

Told = Mapping[str, Any]


def samples(words: list[str], *, as_json: bool = False) -> dict[str, Any]:
    """`name=value` pairs; with `as_json`, a value that is a JSON object, a list, true, false or null keeps its type."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise Usage(f'"{word}" is no NAME=VALUE.')
        found[name] = _typed(value) if as_json else value
    return found


def _typed(value: str) -> Any:
    """A number stays text: 0123 and 1e5 are number plates to whoever typed them."""
    if value[:1] in ("{", "[") or value in ("true", "false", "null"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def show(screen: Screen, trial: Told) -> None:
    """The request, the answer, and what a flow would make of it."""
    if request := trial["request"]:
        screen.say(f"{request['method']} {request['url']}", style="bold")
        _headers(screen, request)
        for part in request["parts"]:
            screen.say(f"  {part['name']} = {_part(part)}")
        _body(screen, request)
        screen.say("")
    if response := trial["response"]:
        good = 200 <= response["status"] < 300
        screen.say(f"{response['status']}  after {trial['seconds']:.2f} s", style="bold green" if good else "bold red")
        _headers(screen, response)
        if response["file"]:
            screen.say(f"  {_part(response['file'])}")
        _body(screen, response)
    else:
        screen.say(f"No answer after {trial['seconds']:.2f} s.", style="bold red")
    screen.say("")
    tries = len(trial["attempts"])
    facts = {"exit": trial["exit"], "reason": trial["reason"], "error": trial["error"]}
    screen.facts({**facts, "attempts": tries if tries > 1 else "", **_variables(trial["variables"])})


def _headers(screen: Screen, message: Told) -> None:
    for name, value in message["headers"].items():
        screen.say(f"{name}: {value}", style="dim")


def _body(screen: Screen, message: Told) -> None:
    """JSON is laid out; other text stays as it is."""
    body = message.get("body")
    if not body:
        return
    with suppress(ValueError):
        body = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    screen.say(body)


def _part(part: Told) -> str:
    """A text, or the facts of a file."""
    if not part.get("sha256"):
        return str(part.get("value") or "")
    return f"{part['filename']}, {part['mime']}, {size(part['size'])}, SHA-256 {part['sha256']}"


def _variables(variables: Told) -> dict[str, str]:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()}
    return {f"[[{name}]]": text for name, text in texts.items()}
