"""A session: one run of one flow for one conversation, as it rests between turns."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from chatflow.conversation.events import SCAN

State = Literal["waiting", "continuing", "ended"]

# A channel may redeliver a message for 7 days; what makes that harmless must live longer.
SHORTEST_MEMORY_DAYS = 8
HIDDEN = "***"  # what people see of a variable or an answer that is none of their business


@dataclass(frozen=True)
class Waiting:
    """What a session waits for. `own` tells a node's own deadline from the session's."""

    expects: tuple[str, ...]
    memo: dict[str, Any]
    deadline: int  # seconds since the epoch
    own: bool

    @property
    def for_a_scan(self) -> bool:
        """Whether it is a scanner that is waited for, and not the customer. The memo's `key` then names the file."""
        return self.expects == (SCAN,)


@dataclass(frozen=True)
class Session:
    """One conversation's newest session. `turn` counts the conversation's turns and never goes back.

    `slice` is the node whose slice the last run used, and `at` the node to go on with: on `waiting` it is the node that
    waits, on `continuing` the node to enter. `pending` are events that were accepted and must be applied before others;
    `held` are messages that wait, in their order, until it is known whether a file may be trusted.
    """

    conversation: str
    channel: str
    account: str
    contact: str
    name: str = ""
    turn: int = 0
    session: str = ""
    state: State = "ended"
    flow: str = ""
    version: int = 0
    slice: str = ""
    at: str = ""
    waiting: Waiting | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    visits: int = 0
    timeout: int = 600  # seconds, restarted by each inbound message
    on_timeout: str = ""
    retention_days: int = 30
    started_at: int = 0
    heard_at: int = 0  # seconds since the epoch: the customer's last message, by the channel's clock
    pending: tuple[dict[str, Any], ...] = ()
    held: tuple[dict[str, Any], ...] = ()
    sensitive: tuple[str, ...] = ()  # variables that no transcript shows

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Session:
        waiting = data.get("waiting")
        return cls(
            **{
                **data,
                "waiting": Waiting(**{**waiting, "expects": tuple(waiting["expects"])}) if waiting else None,
                "pending": tuple(data.get("pending", ())),
                "held": tuple(data.get("held", ())),
                "sensitive": tuple(data.get("sensitive", ())),
            }
        )

    def shown(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Variables of the session as people may see them."""
        return {name: HIDDEN if name in self.sensitive else value for name, value in variables.items()}

    @property
    def running(self) -> bool:
        """Whether something is under way: a session, or the rest of a turn."""
        return self.state != "ended" or bool(self.pending)

    @property
    def expires_after(self) -> int:
        """Seconds that the session and its turn records are kept."""
        return max(self.retention_days, SHORTEST_MEMORY_DAYS) * 86_400


def session_id(conversation: str, event_id: str) -> str:
    """The id of the session that an event begins: the same for the same event, so that a repeated turn repeats it."""
    return "s_" + hashlib.sha256(f"{conversation}\x00{event_id}".encode()).hexdigest()[:24]
