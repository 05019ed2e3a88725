"""Problems of flows, shown as the validator says them: each file once, each problem with its line and place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from chatflow_cli.screen import Screen
from chatflow_cli.wording import plural

Finding = dict[str, Any]  # file, line, flow, node, field, message


def show(screen: Screen, problems: Sequence[Finding], consequence: str = "") -> None:
    """To a person."""
    for file, found in groupby(problems, key=lambda problem: str(problem.get("file", ""))):
        screen.say(file or "(the whole)", style="bold")
        for problem in found:
            line = f"line {problem['line']}" if problem.get("line") else "file"
            place = " > ".join(each for each in (problem.get("node"), problem.get("field")) if each)
            screen.say(f"  {line:<9} {place}".rstrip(), style="cyan")
            screen.say(f"            {problem.get('message', '')}")
        screen.say("")
    screen.say(f"{plural(len(problems), 'problem')}. {consequence}".rstrip(), style="red")
