"""The contract of a node type: a visit goes in, an outcome comes out, both as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

Phase = Literal["enter", "resume"]

VARIABLES_LIMIT = 64 * 1024  # bytes of JSON a session; the state machine's own state ends at 256 KB
TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Conversation:
    """Who a visit talks to. `key` may be logged; `contact` and `name` may not."""

    key: str
    channel: str
    account: str
    contact: str
    name: str = ""


@dataclass(frozen=True)
class Visit:
    """One execution of one node.

    `event` is what woke the conversation (as queued); on `resume` it is the node's to answer. `memo` is what the node's
    last wait asked to remember. `deadline` is in milliseconds since the epoch: no work may begin that would end later.
    """

    phase: Phase
    flow: str
    node: str
    config: dict[str, Any]
    variables: dict[str, Any]
    conversation: Conversation
    session: str
    turn: int
    visit: int
    deadline: int
    retention_days: int = 0  # of what this visit keeps; 0: as long as the deployment keeps anything
    event: dict[str, Any] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Visit:
        return cls(**{**data, "conversation": Conversation(**data["conversation"])})


@dataclass(frozen=True)
class Wait:
    """The node waits for the customer. `seconds` 0 means: as long as the session's own timeout."""

    expects: tuple[str, ...]
    seconds: int = 0
    memo: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a visit decided: an exit or a wait, never both.

    `set` are variables to keep; `effects` is what was done, for the transcript (never a secret, an address or content).
    """

    exit: str = ""
    wait: Wait | None = None
    set: dict[str, Any] = field(default_factory=dict)
    effects: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if bool(self.exit) == bool(self.wait):
            raise ValueError("an outcome is either an exit or a wait")

    def to_json(self) -> dict[str, Any]:
        wait = self.wait and {"expects": list(self.wait.expects), "seconds": self.wait.seconds, "memo": self.wait.memo}
        return {"exit": self.exit, "wait": wait, "set": self.set, "effects": list(self.effects)}


def within_limit(outcome: Outcome, variables: dict[str, Any], failure_exit: str) -> Outcome:
    """The outcome, or the node's failure exit with reason `too_large` when the variables would pass the limit."""
    if not outcome.set:
        return outcome
    size = len(json.dumps({**variables, **outcome.set}, ensure_ascii=False, separators=(",", ":")).encode())
    if size <= VARIABLES_LIMIT:
        return outcome
    effects = (*outcome.effects, {"effect": "limit", "reason": TOO_LARGE, "bytes": size})
    return Outcome(exit=failure_exit, set={"failure": {"reason": TOO_LARGE}}, effects=effects)
