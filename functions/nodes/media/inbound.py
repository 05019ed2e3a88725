"""Inbound: receives one file, the next that the customer sends, in the order in which events were accepted.

With `many` it receives a list of files (`nodes.media.collecting`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatflow.conversation.events import SCAN, message_of
from chatflow.errors import MediaRejected, MediaUnavailable
from chatflow.media.media_rules import describe_accepted, rejected_as_unsafe, rejected_as_unusable
from chatflow.media.profiles import PRODUCT, Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import Text
from chatflow.nodes.contract import Outcome, Visit, Wait
from chatflow.nodes.ports import Ports
from chatflow.nodes.prompts import Question, ask, ask_again, without_answer
from chatflow.templating import Scope, render
from nodes.media import collecting

_HOW = "Tap the sign for attachments beside the text field to choose one."


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Ask, and ask again, until the customer sends an acceptable file or the attempts are used up."""
    if "many" in visit.config:
        return collecting.visit(visit, ports, _accepted(visit, ports), _prompt(visit))
    if visit.phase == "enter":
        return ask(visit, ports, _question(_prompt(visit)))
    if "key" in visit.wait_state:
        return _scanned(visit, ports)
    if outcome := without_answer(visit):
        return outcome
    profile = _accepted(visit, ports)
    message = message_of(visit.event)
    if message is not None and message.lost_file:
        return _rejected(visit, ports, MediaUnavailable("the channel could not hand over a customer's file"))
    if message is not None and message.unusable_file:
        return _rejected(visit, ports, rejected_as_unusable(profile))
    if message is None or message.media is None:
        again = render(visit.config["reprompt"], Scope.of(visit))
        return ask_again(visit, ports, _question(again or f"Please send {describe_accepted(profile)}. {_HOW}"))
    try:
        file = ports.receive_file(message.media, profile)
    except (MediaRejected, MediaUnavailable) as error:
        return _rejected(visit, ports, error)
    file = replace(file, caption=message.text)
    effect = {"effect": "take", **file.summary()}
    if seconds := ports.scan_seconds():
        wait_state = {"attempt": visit.wait_state.get("attempt", 1), "key": file.key, "file": file.to_json()}
        return Outcome(wait=Wait((SCAN,), seconds, wait_state), effects=(effect,))
    return _received(visit, file.to_json(), effect)


def _scanned(visit: Visit, ports: Ports) -> Outcome:
    """The outcome of the scanner's verdict, or of its timeout. A file that was not scanned is not trusted."""
    file = MediaReference.from_json(visit.wait_state["file"])
    verdict = visit.event["verdict"] if visit.event["kind"] == SCAN else "not_scanned"
    effect = {"effect": "scan", "verdict": verdict, **file.summary()}
    if verdict == "clean":
        return _received(visit, file.to_json(), effect)
    # A flow version from before the exit existed has none: it leaves by `gave_up`, as after too many attempts.
    named = visit.config.get("unsafe_exit")
    if verdict == "unsafe" and not named:
        return _rejected(visit, ports, rejected_as_unsafe(_accepted(visit, ports)))
    failure = {"reason": "malware" if verdict == "unsafe" else "not_scanned"}
    exit = "gave_up" if named is None else "unsafe"
    return Outcome(exit=exit, set={f"{visit.node}_failure": failure}, effects=(effect,))


def _received(visit: Visit, file: dict[str, Any], effect: dict[str, Any]) -> Outcome:
    return Outcome(exit="received", set={visit.config["save_as"]: file}, effects=(effect,))


def _rejected(visit: Visit, ports: Ports, error: MediaRejected | MediaUnavailable) -> Outcome:
    reason = error.reason if isinstance(error, MediaRejected) else "unavailable"
    again = render(visit.config["reprompt"], Scope.of(visit))
    outcome = ask_again(visit, ports, _question("\n".join(filter(None, (error.user_message, again)))))
    return replace(outcome, effects=({"effect": "take", "rejected": reason}, *outcome.effects))


def _prompt(visit: Visit) -> str:
    """The question. `already_sent` is added when a file may be here: one was kept, or an album's next is queued."""
    prompt = render(visit.config["prompt"], Scope.of(visit))
    message = message_of(visit.event)
    after_a_file = visit.event.get("kind") == SCAN or (message is not None and message.media is not None)
    if not after_a_file and not visit.event.get("file_is_here"):
        return prompt
    return "\n".join(filter(None, (prompt, render(visit.config["already_sent"], Scope.of(visit)))))


def _accepted(visit: Visit, ports: Ports) -> Profile:
    """The files that the node accepts: what the product, the channel and the author allow."""
    profile = PRODUCT.narrowed_by(ports.channel_profile()).only(visit.config["accept"])
    # A flow version from before the field existed has none.
    return profile.with_active_content() if visit.config.get("active_content") == "accept" else profile


def _question(text: str) -> Question:
    return Question(("media",), Text(text))
