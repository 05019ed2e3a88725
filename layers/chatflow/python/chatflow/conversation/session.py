"""A session: one run of one flow in one conversation, as it is stored between turns.

What has its default is not stored, here and in the classes within: no default may change (`chatflow.stored_form`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, get_args

from chatflow.conversation.deadlines import Awaited, Timer
from chatflow.conversation.events import DELIVERY, SCAN, message_of
from chatflow.conversation.owed_message import OwedMessage
from chatflow.conversation.retention import MIN_RETENTION_DAYS
from chatflow.stored_form import stored_form
from chatflow.tolerant_reader import read

State = Literal["waiting", "continuing", "paused", "ended"]

FILE = "media"  # among what a session waits for: a file of the customer
API = "api"  # among what a session waits for: time, after which its node calls the business's API once more
# What a wait for time alone may expect: messages without which it goes on. Any message, or any that holds no file.
ANY_MESSAGE, ANY_WITHOUT_FILE = "any_message", "any_without_file"
_WAIT_MARGIN = 86_400  # seconds: a session that waits is stored for longer than its deadline, for retries after it
HIDDEN = "***"  # replaces a sensitive variable or answer wherever people see it

ROUTES = "routes"  # their name among what was published; no flow may have it
_MOST_SEEN = 8

# Stored sessions have other names for some fields.
_STORED_NAMES = {"node": "at", "last_message_at": "heard_at"}


@dataclass(frozen=True)
class Waiting:
    """What a session waits for. `wait_state` is what the waiting node asked to get back when it resumes.

    `own_deadline`: the deadline is the node's own, not the session's. `message_ids`: the channel's ids of the messages
    that ask the question; () when they are not known, as in sessions that earlier versions stored. `files_ahead`: a
    node that asks for a file may follow.
    """

    STORED_NAMES: ClassVar[Mapping[str, str]] = {"wait_state": "memo", "own_deadline": "own"}

    expects: tuple[str, ...]
    wait_state: dict[str, Any]
    deadline: int  # seconds since the epoch
    own_deadline: bool = False
    message_ids: tuple[str, ...] = ()
    files_ahead: bool = False
    since: int = 0  # the number of the visit that entered the node; it stays when the node asks again
    visit: int = 0  # the number of the visit that began the wait; 0 where an earlier version stored the session

    @classmethod
    def begun(
        cls, wait: dict[str, Any], now: int, timeout: int, message_ids: tuple[str, ...], *, files_ahead: bool
    ) -> Waiting:
        """The wait of a node's outcome that begins `now`; `timeout` (seconds) is the session's own."""
        own_deadline = bool(wait.get("seconds") or wait.get("until"))
        deadline = int(wait.get("until", 0)) or now + (int(wait["seconds"]) if own_deadline else timeout)
        return cls(
            tuple(wait["expects"]), wait.get("memo") or {}, deadline, own_deadline, message_ids, files_ahead=files_ahead
        )

    @property
    def for_a_scan(self) -> bool:
        """Whether the session waits for a scanner, not for the customer. `unscanned` then names the files."""
        return self.expects == (SCAN,)

    @property
    def unscanned(self) -> tuple[str, ...]:
        """The keys of the files whose verdicts the session waits for: one, or several of a list."""
        if SCAN not in self.expects:
            return ()
        return (self.wait_state["key"],) if "key" in self.wait_state else tuple(self.wait_state.get("unscanned", ()))

    @property
    def has_files(self) -> bool:
        """Whether the waiting node has taken files of a list that is not complete yet."""
        return bool(self.wait_state.get("files"))

    @property
    def for_a_delivery(self) -> bool:
        """Whether the session waits until the channel has taken a message that its node sends."""
        return self.expects == (DELIVERY,)

    @property
    def for_an_api(self) -> bool:
        """Whether the session's call is held because the API is in trouble (`chatflow.integrations.holding`)."""
        return self.expects == (API,)

    @property
    def for_time(self) -> bool:
        """Whether the session waits for a time alone; `chatflow.conversation.time_waits` has the rules."""
        return is_for_time(self.expects)

    @property
    def for_an_answer(self) -> bool:
        """Whether the session waits for the customer's answer to a question."""
        return self.for_the_customer and not self.for_time

    @property
    def for_the_customer(self) -> bool:
        """Whether a message of the customer has its effect at once; a wait for time alone is such a wait, too."""
        return not (self.for_a_scan or self.for_a_delivery or self.for_an_api)


@dataclass(frozen=True)
class Pause:
    """A person of the business talks to the customer; `chatflow.conversation.pause` has the rules.

    `state`, `seconds_left` and `pending` are what the session goes on with: its state (`ended` where no session ran),
    the rest of its wait, and the entries of an interrupted turn. `kept` are events of the pause, in order: what the
    customer sent, which is applied only if the operator asks for it, and verdicts of scanners, which always are.
    """

    since: int  # seconds since the epoch
    until: int  # seconds since the epoch; the pause ends then, unless the person writes again
    state: State
    seconds_left: int = 0
    pending: tuple[dict[str, Any], ...] = ()
    kept: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class TimedOut:
    """A wait for a file that has timed out; `chatflow.conversation.late_files` has the rules.

    A file that the customer sends until `until` (seconds since the epoch) resumes the session at `node`.
    """

    flow: str
    version: int
    node: str
    wait_state: dict[str, Any]
    timeout: int
    on_timeout: str
    until: int


@dataclass(frozen=True)
class Session:
    """One conversation's newest session. `turn` counts the conversation's turns and never decreases.

    `slice` is the node whose slice the last run used, and `node` the node to continue with: in state `waiting` the node
    that waits, in state `continuing` the node to enter. `pending` are accepted events that must be applied before any
    other; `held` are messages that wait, in their order, for the verdict on a file or for a delivery. `owed` are our
    messages that the channel did not take yet (`chatflow.conversation.owed`): they belong to the conversation and
    outlive the session; `owed_wake` is when the last timer for them fires. In state `paused`, `paused` says with what
    the session goes on, and `waiting` is what it will wait for again. `early` are messages with files that came before
    a node asked for them (`chatflow.conversation.early_files`).
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
    node: str = ""
    waiting: Waiting | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    visits: int = 0
    timeout: int = 600  # seconds, restarted by each inbound message
    on_timeout: str = ""
    retention_days: int = 30
    started_at: int = 0
    last_message_at: int = 0  # seconds since the epoch: the customer's last message, by the channel's clock
    pending: tuple[dict[str, Any], ...] = ()
    held: tuple[dict[str, Any], ...] = ()
    owed: tuple[OwedMessage, ...] = ()
    owed_wake: int = 0  # seconds since the epoch, 0 for none
    sensitive: tuple[str, ...] = ()  # variables that no transcript shows
    redriven_from: dict[str, Any] | None = None  # the position at which redriven events began to lead here
    watched: tuple[dict[str, Any], ...] = ()  # messages of which the flow wants to know: see `undelivered`
    undelivered: int = 0  # times that an exit `undelivered` was taken since the customer's last message
    time_waits: int = 0  # waits for time alone that began since the customer's last message
    paused: Pause | None = None
    resumed_at: int = 0  # seconds since the epoch: when the last pause of the session ended
    early: tuple[dict[str, Any], ...] = ()
    grace: int = 120  # seconds after a timeout in which a file is still taken
    timed_out: TimedOut | None = None
    since: int = 0  # seconds since the epoch: the conversation's first turn; 0 when that was not stored yet
    formerly: tuple[str, ...] = ()  # keys that the conversation had before, the oldest first: its files are there
    aliases: dict[str, int] = field(default_factory=dict)  # keys of the person's other addresses: when each expires
    timer: Timer | None = None  # the last timer that a turn set for a deadline; it may lie in the past
    first_turn: int = 0  # of the session; 0 where an earlier version started it
    past_listed: bool = False  # each session before it has a row: see `chatflow.adapters.dynamodb.past_sessions`
    seen: dict[str, int] = field(default_factory=dict)  # the newest versions of ROUTES and of flows that it met

    def having_seen(self, name: str, version: int) -> Session:
        """The session, after it met this version of the routes or of a flow. Only the last few are remembered."""
        if version <= self.seen.get(name, 0):
            return self
        others = {each: number for each, number in self.seen.items() if each != name}
        oldest = [each for each in others if each != ROUTES][: -(_MOST_SEEN - 1)]
        return replace(self, seen={**{each: others[each] for each in others if each not in oldest}, name: version})

    def to_json(self) -> dict[str, Any]:
        """The stored form: without the fields that have their default."""
        return stored_form(self, _STORED_NAMES)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Session:
        """The session of any release. Raises Unreadable.

        A state that a later release introduced is read as the one that goes on best: a session with a wait waits.
        """
        state = data.get("state") if isinstance(data, dict) else None
        unknown = isinstance(state, str) and state not in get_args(State)
        if unknown or (state == "paused" and not data.get("paused")):
            data = {**data, "state": "waiting" if data.get("waiting") else "ended"}
        session = read(cls, data, "the stored session", _STORED_NAMES)
        kept = (*session.paused.pending, *session.paused.kept) if session.paused else ()
        for event in (*session.pending, *session.held, *session.early, *kept):
            message_of(event.get("event") or event)
        return session

    def masked(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Variables of the session as people may see them: sensitive ones are replaced by `***`."""
        return {name: HIDDEN if name in self.sensitive else value for name, value in variables.items()}

    @property
    def held_call(self) -> dict[str, Any] | None:
        """The wait state of the session's held call, with which its node tries it again; None for another wait."""
        return self.waiting.wait_state if self.waiting and self.waiting.for_an_api else None

    @property
    def state_to_retry(self) -> dict[str, Any] | None:
        """What the waiting node gets back when an operator lets it ask again: a held call, or the files of a list.

        Attempts begin anew.
        """
        if self.waiting and self.waiting.has_files:
            return {name: value for name, value in self.waiting.wait_state.items() if name != "attempt"}
        return self.held_call

    @property
    def slice_to_resume(self) -> str:
        """The node whose slice the waiting node resumes with: its own, unless it is of a type that seldom waits."""
        seldom = self.waiting and (self.waiting.for_a_delivery or self.waiting.for_an_api)
        return self.slice if seldom else self.node

    @property
    def running(self) -> bool:
        """Whether a session, or the rest of a turn, is under way."""
        return self.state != "ended" or bool(self.pending)

    @property
    def deadline(self) -> int:
        """When a `timeout` event is due for the session, in seconds since the epoch; 0 for never."""
        if self.paused:
            return self.paused.until
        return self.waiting.deadline if self.waiting else 0

    @property
    def awaited(self) -> Awaited:
        """What a timer that has fired must know of the session."""
        return Awaited(
            self.conversation, self.session, self.turn, self.deadline, timer=self.timer.at if self.timer else 0
        )

    def expires_after(self, now: int) -> int:
        """Seconds after which the session and its newest turn record expire: never before it has been woken."""
        return max(max(self.retention_days, MIN_RETENTION_DAYS) * 86_400, self.deadline + _WAIT_MARGIN - now)


def is_for_time(expects: Iterable[str]) -> bool:
    """Whether a wait that expects this is one for time alone."""
    return set(expects) <= {ANY_MESSAGE, ANY_WITHOUT_FILE}


def session_id(conversation: str, event_id: str) -> str:
    """The id of the session that an event starts: the same for the same event, so that a repeated turn repeats it."""
    return "s_" + hashlib.sha256(f"{conversation}\x00{event_id}".encode()).hexdigest()[:24]


def sensitive_variables(trail: list[dict[str, Any]]) -> set[str]:
    """The variables that a visit declared sensitive, in `sensitive` of an effect."""
    return {name for visit in trail for effect in visit.get("effects", ()) for name in effect.get("sensitive", ())}
