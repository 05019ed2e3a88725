"""Asks the customer a question and waits for the answer: shared by every node type that does so."""

from __future__ import annotations

from dataclasses import dataclass

from chatflow.conversation.events import DELIVERY, TIMEOUT, WAS_KEPT
from chatflow.errors import ChannelRefused, ChannelUnavailable
from chatflow.messages import Choices, Text
from chatflow.nodes.contract import Outcome, Visit, Wait
from chatflow.nodes.ports import Ports


@dataclass(frozen=True)
class Question:
    """A message that asks, and the kinds of answer to wait for. The visit's config says how often and how long."""

    expects: tuple[str, ...]
    message: Text | Choices


def ask(visit: Visit, ports: Ports, question: Question) -> Outcome:
    """Send the question and wait; exit `failed` when the channel refuses it.

    A question that the channel does not take now is sent later; the wait begins all the same. A question that is sent
    once more for no fault of the customer goes on with the attempts so far.
    """
    return _send(visit, ports, question, attempt=int(visit.wait_state.get("attempt", 1)))


def ask_again(visit: Visit, ports: Ports, question: Question) -> Outcome:
    """Send the question again, or exit `gave_up` when it was sent as often as the author allows.

    A message that is older than the question (`WAS_KEPT`) and no answer to it is passed over: nothing is said, and no
    attempt is used. A file is never passed over, since its customer must hear of it.
    """
    if WAS_KEPT in visit.event and not (visit.event.get("message") or {}).get("media"):
        wait = Wait(question.expects, seconds=_seconds(visit), wait_state=visit.wait_state)
        return Outcome(wait=wait, effects=({"effect": "ask", "skipped": "the message is older than the question"},))
    attempt = int(visit.wait_state.get("attempt", 1)) + 1
    if attempt > visit.config["attempts"]:
        return Outcome(exit="gave_up", effects=({"effect": "gave_up", "attempts": attempt - 1},))
    return _send(visit, ports, question, attempt)


def without_answer(visit: Visit) -> Outcome | None:
    """The outcome of an event that is no answer, None for an answer.

    Exit `timeout` when the customer let the time pass, `failed` when the question never reached the channel.
    """
    if visit.event["kind"] == TIMEOUT:
        return Outcome(exit="timeout")
    if visit.event["kind"] == DELIVERY:
        effect = {"effect": "ask", "failed": "the question was not sent", "reason": visit.event["failure"]}
        return Outcome(exit="failed", effects=(effect,))
    return None


def _send(visit: Visit, ports: Ports, question: Question, attempt: int) -> Outcome:
    try:
        sent = ports.send_message("ask", question.message)
    except (ChannelRefused, ChannelUnavailable) as error:
        return Outcome(exit="failed", effects=({"effect": "ask", "failed": str(error)},))
    wait = Wait(question.expects, seconds=_seconds(visit), wait_state={"attempt": attempt})
    return Outcome(wait=wait, effects=(sent,))


def _seconds(visit: Visit) -> int:
    """How long the node itself waits, 0 for as long as the session does."""
    return int(visit.config.get("timeout") or 0)
