"""Shows the trial of an integration: the request, the response, and the exit that a flow would take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from chatflow_cli.formatting import format_size
from chatflow_cli.output import Output

Json = Mapping[str, Any]


def show_trial(output: Output, trial: Json) -> None:
    if request := trial["request"]:
        output.print(f"{request['method']} {request['url']}", style="bold")
        _show_headers(output, request)
        for part in request["parts"]:
            output.print(f"  {part['name']} = {_part(part)}")
        _show_body(output, request)
        output.print("")
    if response := trial["response"]:
        style = "bold green" if 200 <= response["status"] < 300 else "bold red"
        output.print(f"{response['status']}  after {trial['seconds']:.2f} s", style=style)
        _show_headers(output, response)
        if response["file"]:
            output.print(f"  {_part(response['file'])}")
        _show_body(output, response)
    else:
        output.print(f"No answer after {trial['seconds']:.2f} s.", style="bold red")
    output.print("")
    show_warnings(output, trial)
    attempts = len(trial["attempts"])
    fields = {"exit": trial["exit"], "reason": trial["reason"], "error": trial["error"]}
    output.fields({**fields, "attempts": attempts if attempts > 1 else "", **_variables(trial["variables"])})


def show_warnings(output: Output, result: Json) -> None:
    """What is not safe about the secrets of an integration; nothing for a deployment of an earlier version."""
    for warning in result.get("warnings") or []:
        output.print(f"Warning: {warning}", style="yellow")


def _show_headers(output: Output, message: Json) -> None:
    for name, value in message["headers"].items():
        output.print(f"{name}: {value}", style="dim")


def _show_body(output: Output, message: Json) -> None:
    """JSON is indented; any other text stays as it is."""
    body = message.get("body")
    if not body:
        return
    with suppress(ValueError):
        body = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    output.print(body)


def _part(part: Json) -> str:
    """The text of a part; of a file its name, type, size and hash."""
    if not part.get("sha256"):
        return str(part.get("value") or "")
    return f"{part['filename']}, {part['mime']}, {format_size(part['size'])}, SHA-256 {part['sha256']}"


def _variables(variables: Json) -> dict[str, str]:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()}
    return {f"[[{name}]]": text for name, text in texts.items()}
