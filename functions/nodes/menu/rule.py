"""Menu: offers options and takes the exit of the chosen one."""

from __future__ import annotations

from typing import Any

from chatflow.conversation.events import message_of
from chatflow.conversation.words import plain, plain_without_emoji
from chatflow.messages import Choices, Option
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from chatflow.nodes.prompts import Question, ask, ask_again, without_answer
from chatflow.templating import Scope, render

_REASK = "Please choose one of these."


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exits: the id of each option, `gave_up`, `timeout`, `failed`."""
    if visit.phase == "enter":
        return ask(visit, ports, _question(visit))
    if outcome := without_answer(visit):
        return outcome
    chosen = _chosen(visit)
    if chosen is None:
        return ask_again(visit, ports, _question(visit, again=True))
    save_as = visit.config["save_as"]
    return Outcome(exit=chosen["id"], set={save_as: {"id": chosen["id"], "title": chosen["title"]}} if save_as else {})


def _chosen(visit: Visit) -> dict[str, Any] | None:
    """The option that was tapped, or typed as its number, title or id (a channel may have no buttons).

    What is typed may also be alike, see `chatflow.conversation.words`; of emoji only as much as tells options apart.
    """
    message = message_of(visit.event)
    if message is None or message.kind not in ("text", "choice"):
        return None
    options: list[dict[str, Any]] = visit.config["options"]
    for option in options:
        if message.choice and message.choice == option["id"]:
            return option
    scope = Scope.of(visit)
    names = [(str(number), render(option["title"], scope), option["id"]) for number, option in enumerate(options, 1)]
    for form in (_as_typed, plain, plain_without_emoji):
        typed = form(message.text)
        found = [option for option, known in zip(options, names, strict=True) if typed in map(form, known)]
        if typed and found and (form is not plain_without_emoji or len(found) == 1):
            return found[0]
    return None


def _as_typed(text: str) -> str:
    return " ".join(text.casefold().split())


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
