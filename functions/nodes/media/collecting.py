"""Inbound with `many`: takes a list of files, such as an album, and answers it once.

No channel says that an album is complete, so a time without a further file (`quiet`) ends the list; the last file that
may be in it does so at once. What was taken so far is the node's wait state, and nothing but that: each file is one
event, which may come again or on another worker.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from chatflow.conversation.events import SCAN, TIMEOUT, message_of
from chatflow.conversation.late_files import LATE
from chatflow.errors import ChannelRefused, ChannelUnavailable, MediaRejected, MediaUnavailable
from chatflow.media.media_rules import describe_accepted, rejected_as_unsafe, rejected_as_unusable
from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMessage, Text
from chatflow.nodes.contract import Outcome, Visit, Wait
from chatflow.nodes.ports import Ports
from chatflow.nodes.prompts import Question, ask, ask_again, without_answer
from chatflow.templating import Scope, render
from chatflow.tolerant_reader import read

_CAPTIONS: Final = 32 * 1024  # bytes of a list beyond which captions are left out: variables may take 64 KB in all
_LONGEST_NAME: Final = 80  # characters of a refused file's name, as the customer reads it
_MOST_REFUSED: Final = 30  # refused files of which the customer is told one by one


@dataclass(frozen=True)
class Collected:
    """What was taken so far. Times are in milliseconds since the epoch.

    `files`: `{"at": seconds by the channel's clock, "file": reference}`, in the order in which they were accepted.
    `unscanned`: the keys of those without a verdict, for which is waited until `scan_until`. `refused`: what the
    customer has not been told yet. `quiet_until`: when the list may be complete, 0 when no file has come since the last
    word. `told`: how many files there were then. `least`: how many files are enough, 0 for the author's `min`.
    """

    attempt: int = 1
    files: tuple[dict[str, Any], ...] = ()
    unscanned: tuple[str, ...] = ()
    refused: tuple[dict[str, Any], ...] = ()
    quiet_until: int = 0
    scan_until: int = 0
    told: int = 0
    least: int = 0

    @property
    def open(self) -> bool:
        """Whether files came that the customer has not been answered."""
        return bool(self.quiet_until or self.unscanned)

    def to_json(self, least: int) -> dict[str, Any]:
        """The wait state. A file that comes later than the list begins a list of its own, and one is then enough."""
        stored = {name: value for name, value in asdict(self).items() if value}
        return {**stored, LATE: {"least": 1} if len(self.files) >= least else {}}


def visit(visit: Visit, ports: Ports, profile: Profile, prompt: str) -> Outcome:
    """Exit `received` with the list. `profile`: the files that the node accepts. `prompt`: its question."""
    collected = read(Collected, visit.wait_state, "the list of files")
    if visit.phase == "enter":
        return _asked(visit, ports, collected, ask(visit, ports, _question(prompt)))
    if visit.event["kind"] == SCAN:
        return _with_verdict(visit, ports, collected, profile)
    if visit.event["kind"] == TIMEOUT and collected.open:
        return _after_time(visit, ports, collected)
    if outcome := without_answer(visit):
        return outcome
    message = message_of(visit.event)
    if message is None or not (message.media or message.lost_file or message.unusable_file):
        if collected.open:  # a word between files of an album: the answer to the list follows at once
            return _next(visit, ports, collected)
        again = render(visit.config["reprompt"], Scope.of(visit))
        hint = f"Please send {describe_accepted(profile)}. Send as many as you need, then wait a moment."
        return _asked(visit, ports, collected, ask_again(visit, ports, _question(again or hint)))
    quiet = round(visit.config["many"]["quiet"] * 1000)
    collected, effect = _with_file(ports, collected, profile, message)
    return _next(visit, ports, replace(collected, quiet_until=ports.now() + quiet), effect)


def _with_file(
    ports: Ports, collected: Collected, profile: Profile, message: IncomingMessage
) -> tuple[Collected, dict[str, Any]]:
    name = message.media.filename if message.media else ""
    try:
        if message.media is None:
            raise _unreadable(message, profile)
        file = replace(ports.receive_file(message.media, profile), caption=message.text)
    except (MediaRejected, MediaUnavailable) as error:
        reason = error.reason if isinstance(error, MediaRejected) else "unavailable"
        return _refusing(collected, name, error.user_message), {"effect": "take", "rejected": reason}
    size = len(json.dumps([*collected.files, file.to_json()], ensure_ascii=False).encode())
    kept = file if size <= _CAPTIONS else replace(file, caption="")
    collected = replace(collected, files=(*collected.files, {"at": message.at, "file": kept.to_json()}))
    if seconds := ports.scan_seconds():
        until = ports.now() + seconds * 1000
        collected = replace(collected, unscanned=(*collected.unscanned, file.key), scan_until=until)
    return collected, {"effect": "take", **file.summary()}


def _unreadable(message: IncomingMessage, profile: Profile) -> MediaRejected | MediaUnavailable:
    if message.lost_file:
        return MediaUnavailable("the channel could not hand over a customer's file")
    return rejected_as_unusable(profile)


def _with_verdict(visit: Visit, ports: Ports, collected: Collected, profile: Profile) -> Outcome:
    """A file that was scanned stays in the list if it is clean; else the author's exit is taken, or it is refused."""
    key, verdict = visit.event["key"], visit.event["verdict"]
    file = next((each["file"] for each in collected.files if each["file"]["key"] == key), None)
    if file is None:
        return _next(visit, ports, collected)
    effect = {"effect": "scan", "verdict": verdict, **MediaReference.from_json(file).summary()}
    collected = replace(collected, unscanned=tuple(each for each in collected.unscanned if each != key))
    if verdict == "clean":
        return _next(visit, ports, collected, effect)
    if verdict == "unsafe" and not visit.config["unsafe_exit"]:
        left = tuple(each for each in collected.files if each["file"] is not file)
        collected = replace(collected, files=left, told=min(collected.told, len(left)))
        return _next(
            visit, ports, _refusing(collected, file["filename"], rejected_as_unsafe(profile).user_message), effect
        )
    return _unsafe(visit, "malware" if verdict == "unsafe" else "not_scanned", effect)


def _after_time(visit: Visit, ports: Ports, collected: Collected) -> Outcome:
    """The quiet time is over, or the time for verdicts: a file that was not scanned is not trusted."""
    if collected.quiet_until:
        return _next(visit, ports, replace(collected, quiet_until=0))
    return _unsafe(visit, "not_scanned", {"effect": "scan", "verdict": "not_scanned"})


def _unsafe(visit: Visit, reason: str, effect: dict[str, Any]) -> Outcome:
    return Outcome(exit="unsafe", set={f"{visit.node}_failure": {"reason": reason}}, effects=(effect,))


def _next(visit: Visit, ports: Ports, collected: Collected, *effects: dict[str, Any]) -> Outcome:
    """Wait for further files or verdicts, or end the list."""
    full = len(collected.files) >= visit.config["many"]["max"]
    if not collected.unscanned and (full or not collected.quiet_until):
        return _ended(visit, ports, collected, effects)
    # With nothing more to take, what comes is for a later node: it is held until the verdicts are there.
    expects = (*(() if full else ("media",)), *((SCAN,) if collected.unscanned else ()))
    until, longest = (collected.quiet_until, visit.config["many"]["quiet"])
    if full or not until:
        collected, until, longest = replace(collected, quiet_until=0), collected.scan_until, ports.scan_seconds()
    seconds = min(math.ceil((until - ports.now()) / 1000), math.ceil(longest))  # a clock may have been set back
    return Outcome(wait=Wait(expects, max(1, seconds), collected.to_json(_least(visit, collected))), effects=effects)


def _ended(visit: Visit, ports: Ports, collected: Collected, effects: Iterable[dict[str, Any]]) -> Outcome:
    """Hand the list on, or say how many files are missing. What was refused is said in the same message."""
    number, least = len(collected.files), _least(visit, collected)
    if number >= least:
        said = _say(ports, _refusals(collected)) if collected.refused else ()
        in_order = sorted(collected.files, key=lambda each: each["at"])
        name = visit.config["save_as"]
        files = {name: [each["file"] for each in in_order], f"{name}_count": number}
        return Outcome(exit="received", set=files, effects=(*effects, *said))
    more = f"I have {number} so far. Please send {least - number} more." if number else ""
    if not number and not collected.refused:
        more = f"Please send {least}."
    missing = render(visit.config["many"]["missing"], Scope.of(visit))
    question = _question("\n".join(filter(None, (_refusals(collected), more, missing))))
    # Files that come one by one use no attempts, as long as they come.
    asking = ask if number > collected.told else ask_again
    told = replace(collected, refused=(), quiet_until=0, told=number)
    outcome = _asked(visit, ports, told, asking(visit, ports, question))
    return replace(outcome, effects=(*effects, *outcome.effects))


def _asked(visit: Visit, ports: Ports, collected: Collected, outcome: Outcome) -> Outcome:
    """The outcome of a question, which keeps what was taken so far."""
    if outcome.wait is None:
        return outcome
    collected = replace(collected, attempt=int(outcome.wait.wait_state.get("attempt", 1)))
    if collected.open:  # the question was sent once more while files come
        return _next(visit, ports, collected, *outcome.effects)
    state = collected.to_json(_least(visit, collected)) if collected != Collected(collected.attempt) else None
    return replace(outcome, wait=replace(outcome.wait, wait_state=state or outcome.wait.wait_state))


def _say(ports: Ports, text: str) -> tuple[dict[str, Any], ...]:
    """Tell the customer something while the flow goes on, also where the channel refuses it."""
    try:
        return (ports.send_message("tell", Text(text)),)
    except (ChannelRefused, ChannelUnavailable) as error:
        return ({"effect": "tell", "failed": str(error)},)


def _refusing(collected: Collected, name: str, why: str) -> Collected:
    refused = (*collected.refused, {"name": name[:_LONGEST_NAME], "why": why})
    return replace(collected, refused=refused[:_MOST_REFUSED])


def _refusals(collected: Collected) -> str:
    """What was not taken, each reason once, with the names of its files or their number."""
    lines = []
    for why in dict.fromkeys(each["why"] for each in collected.refused):
        names = [each["name"] for each in collected.refused if each["why"] == why]
        named = [f'"{name}"' for name in names if name]
        unnamed = len(names) - len(named)
        if unnamed and (named or unnamed > 1 or collected.files):
            named.append("1 file" if unnamed == 1 else f"{unnamed} files")
        lines.append(f"Not taken: {', '.join(named)}. {why}" if named else why)
    return "\n".join(lines)


def _least(visit: Visit, collected: Collected) -> int:
    return collected.least or int(visit.config["many"]["min"])


def _question(text: str) -> Question:
    return Question(("media",), Text(text))
