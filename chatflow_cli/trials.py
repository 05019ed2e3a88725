"""What trying an integration showed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chatflow_cli.exits import Usage
from chatflow_cli.screen import Screen
from chatflow_cli.wording import size


def samples(words: list[str], *, as_json: bool = False) -> dict[str, Any]:
    """`name=value` pairs; with `as_json`, a value that is a JSON object, list, number or truth keeps its type."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise Usage(f'"{word}" is no NAME=VALUE.')
        found[name] = _typed(value) if as_json else value
    return found


def _typed(value: str) -> Any:
    """Text stays text: a number plate such as 0123 or 1e5 is none of JSON's numbers to whoever typed it."""
    if value[:1] in ("{", "[") or value in ("true", "false", "null"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def show(screen: Screen, trial: Mapping[str, Any]) -> None:
    """The request, the answer, and what a flow would make of it."""
    request, response = trial.get("request") or {}, trial.get("response") or {}
    screen.say(f"{request.get('method', '')} {request.get('url', '')}".strip(), style="bold")
    _message(screen, request)
    screen.say("")
    if response:
        seconds = trial.get("seconds", response.get("seconds"))
        after = f"  after {seconds:.2f} s" if isinstance(seconds, (int, float)) else ""
        good = str(response.get("status", "")).startswith("2")
        screen.say(f"{response.get('status', '')}{after}", style="bold green" if good else "bold red")
        _message(screen, response)
    else:
        screen.say("No answer.", style="bold red")
    screen.say("")
    exit_name = trial.get("exit")
    screen.facts({"exit": exit_name, "reason": trial.get("reason"), **_variables(trial.get("variables") or {})})


def _message(screen: Screen, message: Mapping[str, Any]) -> None:
    headers = message.get("headers") or {}
    pairs = headers.items() if isinstance(headers, Mapping) else ((each["name"], each["value"]) for each in headers)
    for name, value in pairs:
        screen.say(f"{name}: {value}", style="dim")
    for part in message.get("parts") or []:
        screen.say(f"  {part.get('name')} = {_part(part)}")
    body = message.get("body")
    if body not in (None, "", {}, []):
        screen.say(body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False))


def _part(part: Mapping[str, Any]) -> str:
    if "sha256" not in part:
        return str(part.get("value", ""))
    about = (str(part.get("filename") or "file"), size(part.get("size")), str(part.get("mime") or ""))
    return f"{', '.join(each for each in about if each)}, SHA-256 {part['sha256']}"


def _variables(variables: Mapping[str, Any]) -> dict[str, str]:
    return {f"[[{name}]]": value if isinstance(value, str) else _compact(value) for name, value in variables.items()}


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
