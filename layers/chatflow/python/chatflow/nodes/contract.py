"""The contract of a node type: its Lambda function gets a visit and returns an outcome, both as JSON."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from chatflow.tolerant_reader import read

Phase = Literal["enter", "resume", "deliver"]

VARIABLES_LIMIT = 64 * 1024  # bytes of JSON for each session; the state machine's own state ends at 256 KB
TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Conversation:
    """The conversation of a visit. `key` may be logged; `contact` and `name` may not.

    `formerly` are keys that it had before, the oldest first: its older files lie under them. `last_message_at` is when
    the customer wrote last, in seconds since the epoch by the channel's clock; 0 for never, or not known.
    """

    key: str
    channel: str
    account: str
    contact: str
    name: str = ""
    formerly: tuple[str, ...] = ()
    last_message_at: int = 0

    @property
    def first_key(self) -> str:
        """The key that the conversation had first. It stays when the conversation moves to another key."""
        return self.formerly[0] if self.formerly else self.key


@dataclass(frozen=True)
class Visit:
    """One execution of one node.

    `event` is the event that woke the conversation, as queued; on `resume` it is for this node. `wait_state` is what
    the node stored in its last `Wait`; its JSON key is `memo`. `deadline` is in milliseconds since the epoch: no work
    may start that would end later. `owes`: the size of the messages that the conversation owes, 0 for none. In phase
    `deliver`, which no rule sees, the node's function sends the owed message in `config`.
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
    retention_days: int = 0  # of the files that this visit stores; 0: the deployment's own retention
    event: dict[str, Any] = field(default_factory=dict)
    wait_state: dict[str, Any] = field(default_factory=dict)
    owes: int = 0  # bytes, see `chatflow.conversation.owed`

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Visit:
        return read(cls, data, "the visit", {"wait_state": "memo"})

    def effect_key(self, name: str) -> str:
        """The key of an effect, the same whenever this visit is repeated: it serves as an Idempotency-Key.

        The event is part of it: when an event fails for good, its turn is not saved, and the next event takes the same
        turn number with another file.
        """
        event = hashlib.sha256(str(self.event.get("id", "")).encode()).hexdigest()[:16]
        first = self.conversation.first_key
        return f"{first}/{self.session}/{self.turn}/{event}/{self.visit}/{self.node}/{name}"


@dataclass(frozen=True)
class Wait:
    """The node waits for an event. With `seconds` 0 it waits for the session's own timeout.

    With `until` (seconds since the epoch) it waits for that time, whatever happens meanwhile: see
    `chatflow.conversation.time_waits`. The session stores `wait_state` and gives it back in the node's next visit.
    `say` is sent to the customer when the wait begins, by the turn: for a node that cannot send.
    """

    expects: tuple[str, ...] = ()
    seconds: int = 0
    wait_state: dict[str, Any] = field(default_factory=dict)
    until: int = 0
    say: str = ""


@dataclass(frozen=True)
class Outcome:
    """The result of a visit: an exit or a wait, never both.

    `set` holds variables to store; `effects` lists what was done, for the transcript (never a secret, an address or
    content).
    """

    exit: str = ""
    wait: Wait | None = None
    set: dict[str, Any] = field(default_factory=dict)
    effects: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if bool(self.exit) == bool(self.wait):
            raise ValueError("an outcome is either an exit or a wait")

    def to_json(self) -> dict[str, Any]:
        wait = self.wait and {
            "expects": list(self.wait.expects),
            "seconds": self.wait.seconds,
            "memo": self.wait.wait_state,
            **({"until": self.wait.until} if self.wait.until else {}),
            **({"say": self.wait.say} if self.wait.say else {}),
        }
        return {"exit": self.exit, "wait": wait, "set": self.set, "effects": list(self.effects)}


def within_limit(outcome: Outcome, variables: dict[str, Any], failure_exit: str) -> Outcome:
    """The outcome, or the node's failure exit with reason `too_large` when the variables would exceed the limit."""
    if not outcome.set:
        return outcome
    size = len(json.dumps({**variables, **outcome.set}, ensure_ascii=False, separators=(",", ":")).encode())
    if size <= VARIABLES_LIMIT:
        return outcome
    done = list(outcome.effects)
    if done:
        done[0] = {"reason": TOO_LARGE, **done[0]}  # the alarm on files counts failures by the reason of the first
    effects = (*done, {"effect": "limit", "reason": TOO_LARGE, "bytes": size})
    return Outcome(exit=failure_exit, set={"failure": {"reason": TOO_LARGE}}, effects=effects)
