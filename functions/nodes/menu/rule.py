"""Menu: offers options and takes the exit of the chosen one."""

from __future__ import annotations

from typing import Any

from chatflow.conversation.events import TIMEOUT, message_of
from chatflow.messages import Choices, Option
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from chatflow.nodes.prompts import Question, ask, ask_again
from chatflow.templating import Scope, render

_REASK = "Please choose one of these."


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exits: the id of each option, `gave_up`, `timeout`, `failed`."""
    if visit.phase == "enter":
        return ask(visit, ports, _question(visit))
    if visit.event["kind"] == TIMEOUT:
        return Outcome(exit="timeout")
    chosen = _chosen(visit)
    if chosen is None:
        return ask_again(visit, ports, _question(visit, again=True))
    save_as = visit.config["save_as"]
    return Outcome(exit=chosen["id"], set={save_as: {"id": chosen["id"], "title": chosen["title"]}} if save_as else {})


def _chosen(visit: Visit) -> dict[str, Any] | None:
    """The option that was tapped, or typed as its number, title or id (a channel may have no buttons)."""
    message = message_of(visit.event)
    if message is None or message.kind not in ("text", "choice"):
        return None
    options: list[dict[str, Any]] = visit.config["options"]
    typed = " ".join(message.text.casefold().split()).rstrip(".)")
    for number, option in enumerate(options, start=1):
        if message.choice and message.choice == option["id"]:
            return option
        if typed and typed in (str(number), option["title"].casefold(), option["id"].casefold()):
            return option
    return None


def _question(visit: Visit, *, again: bool = False) -> Question:
    scope = Scope.of(visit)
    prompt = render(visit.config["prompt"], scope)
    if again:
        prompt = render(visit.config["reprompt"], scope) or f"{_REASK} {prompt}"
    options = tuple(
        Option(option["id"], render(option["title"], scope), render(option.get("description", ""), scope))
        for option in visit.config["options"]
    )
    return Question(("choice", "text"), Choices(prompt, options, render(visit.config["button"], scope)))
