"""API Integration: call the business's API, keep what it answers, go on by what that means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatflow.answers import Reading, read
from chatflow.calls import build, summary
from chatflow.errors import (
    AddressRefused,
    InDoubt,
    MediaRejected,
    NotPublished,
    Refused,
    TooLarge,
    TooSlow,
    Unavailable,
)
from chatflow.ports import Call, Ports
from chatflow.templating import VARIABLE, Scope
from chatflow.visits import Outcome, Visit

Failure = Refused | NotPublished | Unavailable | InDoubt | TooLarge | MediaRejected
# Most special first. A rejected file has a word of its own for what is wrong with it.
_REASONS: tuple[tuple[type[Failure], str], ...] = (
    (AddressRefused, "address"),
    (Refused, "refused"),
    (NotPublished, "refused"),
    (TooLarge, "too_large"),
    (TooSlow, "too_slow"),
    (InDoubt, "in_doubt"),
    (Unavailable, "unavailable"),
)


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exit: a value of the element validation, `success` or `failure`. An API that is down or says no is an outcome."""
    integration = visit.config["integration"]
    call: Call | None = None
    try:
        call = build(integration, visit.config["parameters"], replace(Scope.of(visit), secret=ports.secret))
        _refuse_strange_files(call, visit)
        answer = ports.call("call", call)
    except (Refused, NotPublished, Unavailable, InDoubt, TooLarge, MediaRejected) as error:
        reason = _reason(error)
        effect = {**summary(integration, call), "reason": reason, "error": str(error)}
        return Outcome(exit="failure", set=_response(visit, 0, reason), effects=(effect,))
    reading = read(answer, integration, visit.config["values"])
    effect = summary(integration, call, answer)
    if reading.reason:
        effect["reason"] = reading.reason
    kept = {**_kept(visit, reading), **_response(visit, answer.status, reading.reason)}
    return Outcome(exit=reading.exit, set=kept, effects=(effect,))


def _refuse_strange_files(call: Call, visit: Visit) -> None:
    """A variable may look like a file because some API answered so; only this conversation's own files may be sent."""
    ours = (f"media/{visit.conversation.key}/", "asset/")
    for part in call.parts:
        if part.file and not part.file.key.startswith(ours):
            raise Refused(f"the part {part.name!r} names a file that is not of this conversation")


def _kept(visit: Visit, reading: Reading) -> dict[str, Any]:
    """What the answer held, under one name; or, where the author gave none, each of its elements under its own."""
    if visit.config["save_as"]:
        return {visit.config["save_as"]: reading.value}
    if isinstance(reading.value, dict):
        return {name: value for name, value in reading.value.items() if VARIABLE.fullmatch(name)}
    return {}


def _response(visit: Visit, status: int, reason: str) -> dict[str, Any]:
    return {f"{visit.config['save_as'] or visit.node}_response": {"status": status, "reason": reason}}


def _reason(error: Failure) -> str:
    if isinstance(error, MediaRejected):
        return error.reason
    return next(reason for kind, reason in _REASONS if isinstance(error, kind))
