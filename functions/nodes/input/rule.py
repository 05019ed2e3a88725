"""Input: asks for a text and stores it if it matches the author's pattern."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatflow.conversation.events import message_of
from chatflow.messages import Text
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from chatflow.nodes.prompts import Question, ask, ask_again, without_answer
from chatflow.patterns import MAX_TEXT_LENGTH, matches
from chatflow.templating import Scope, render

_REASK = "I did not understand that."


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exits `received`, `gave_up`, `timeout`, `failed`."""
    if visit.phase == "enter":
        return ask(visit, ports, _question(visit))
    if outcome := without_answer(visit):
        return outcome
    answer = _answer(visit)
    if answer is None:
        outcome = ask_again(visit, ports, _question(visit, again=True))
    else:
        outcome = Outcome(exit="received", set={visit.config["save_as"]: answer})
    # A wrong answer is as sensitive: a mistyped PIN is nearly the PIN.
    return replace(outcome, effects=(*outcome.effects, *_sensitive_effect(visit)))


def _sensitive_effect(visit: Visit) -> tuple[dict[str, Any], ...]:
    """The effect that makes the transcript hide the answer and the variable."""
    save_as = visit.config["save_as"]
    return ({"effect": "answer", "sensitive": [save_as]},) if visit.config.get("sensitive") else ()


def _answer(visit: Visit) -> str | None:
    message = message_of(visit.event)
    if message is None or message.kind not in ("text", "choice"):
        return None
    text = message.text.strip()
    pattern = visit.config["pattern"]
    if not text or len(text) > MAX_TEXT_LENGTH or (pattern and not matches(pattern, text)):
        return None
    return text


def _question(visit: Visit, *, again: bool = False) -> Question:
    scope = Scope.of(visit)
    prompt = render(visit.config["prompt"], scope)
    if again:
        reprompt = render(visit.config["reprompt"], scope)
        prompt = reprompt or f"{_REASK} {prompt}"
    return Question(("text",), Text(prompt))
