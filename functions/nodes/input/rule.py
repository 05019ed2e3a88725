"""Input: asks for a text, a place or a contact card, and stores the answer if it is what the author accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from chatflow.conversation.events import message_of
from chatflow.messages import IncomingMessage, Text
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from chatflow.nodes.prompts import Question, ask, ask_again, without_answer
from chatflow.patterns import MAX_TEXT_LENGTH, matches
from chatflow.templating import Scope, render

_REASK = "I did not understand that."
_TOO_LONG = f"That is too long: please use at most {MAX_TEXT_LENGTH} characters."
# The answers that are no text, by what an author writes under `accept`.
_TYPED: Final[Mapping[str, Callable[[IncomingMessage], Any]]] = {
    "location": lambda message: message.location,
    "contact": lambda message: message.contacts,
    "form": lambda message: message.form,
}


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


def _answer(visit: Visit) -> Any:
    """The value to store, None for what is not accepted."""
    message = message_of(visit.event)
    accepted = _accepted(visit)
    if message is None:
        return None
    if message.kind not in ("text", "choice"):
        return next((value for name in accepted if name in _TYPED and (value := _TYPED[name](message))), None)
    text = message.text.strip()
    pattern = visit.config["pattern"]
    fits = text and len(text) <= MAX_TEXT_LENGTH and (not pattern or matches(pattern, text))
    return text if fits and "text" in accepted else None


def _accepted(visit: Visit) -> list[str]:
    """A flow version from before the field existed has none."""
    accepted: list[str] = visit.config.get("accept") or ["text"]
    return accepted


def _question(visit: Visit, *, again: bool = False) -> Question:
    scope = Scope.of(visit)
    prompt = render(visit.config["prompt"], scope)
    if again:
        reprompt = render(visit.config["reprompt"], scope)
        message = message_of(visit.event)
        too_long = message is not None and len(message.text.strip()) > MAX_TEXT_LENGTH
        prompt = reprompt or f"{_TOO_LONG if too_long else _REASK} {prompt}"
    return Question(tuple(_accepted(visit)), Text(prompt))
