"""Table `sessions`: its schema, the store of the conversation function, and the eraser of a conversation.

The key is `conversation` + `item`. A conversation has these items, each with its JSON in `document`:

session             the newest session; or an alias of another conversation (`places`)
turn#<event id>     a turn record, or the note of an event that changed no session
line#...            where such a record stands in the transcript of its session: see transcript_lines.py
past#...            a session before the newest: see past_sessions.py
letter#<event id>   why an event failed for good
runs#<event id>     how many runs of an event failed: see failed_runs.py
apology             at which turn the customer last had the apology for an event that was set aside
erased              the conversation's last erasure: when it was requested, whether it is done, what it removed

Only two functions write the table: `conversation`, and `contact_erasure`, for which a turn waits. Sessions are listed
in the index `by_state`, whose keys are `state` and `listed_at` (`chatflow.conversation.listing`; listed_sessions.py
reads it). The index holds no address and no customer's text. Sessions whose call is held are in the index `by_host`,
too: see held_sessions.py.
`chatflow.adapters.dynamodb.transcripts` reads the table for people.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from chatflow.adapters import throttling
from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb import awaited, past_sessions
from chatflow.adapters.dynamodb.held_sessions import held_place
from chatflow.adapters.dynamodb.items import Item, document, number, schema
from chatflow.adapters.dynamodb.live_copies import LiveCopies
from chatflow.adapters.dynamodb.live_routes import RoutesReader
from chatflow.adapters.dynamodb.places import SESSION, UnreadableSession, is_still, other_place, own_place, put_alias
from chatflow.adapters.dynamodb.transcript_lines import LINE, line_row
from chatflow.conversation.events import owed_event, timeout_event
from chatflow.conversation.identity import Alias, Known, Links, Place
from chatflow.conversation.listing import IndexKeys, index_keys
from chatflow.conversation.session import ROUTES, Session
from chatflow.conversation.turn_record_form import to_stored
from chatflow.errors import Throttled, TurnFailed, Unreadable
from chatflow.tolerant_reader import read

BY_STATE: Final = "by_state"  # the index
TURN: Final = "turn#"
FAILURE: Final = "letter#"
ERASURE: Final = "erased"
UNREADABLE: Final = "unreadable"  # the state of a row whose session cannot be read
# The item `erased` outlives every event of before the erasure: a dead letter lies in its queue for 14 days, and a
# channel redelivers for 7.
_ERASURE_DAYS = 15
_SCHEDULER_RETRY_SECONDS = 3600  # EventBridge Scheduler retries for this long after a deadline
# Kinds of deleted items, as people read them; any other item is a session.
_KINDS = {"alias": "aliases", "turn": "turns", "letter": "letters", "runs": "letters", "apology": "letters"}


@dataclass(frozen=True)
class LoadedConversation:
    """What a turn starts with. `repeated`: this event already had its turn, under this key or an alias that it names.

    `erased_at`: when the last erasure of any of these was requested (seconds since the epoch), 0 for none in 15 days.
    `unreadable`: there is a session, and it cannot be read; `session` is None then.
    """

    session: Session | None
    routes: dict[str, Any]
    repeated: bool
    erased_at: int = 0
    known: Known = field(default_factory=lambda: Known(""))
    unreadable: UnreadableSession | None = None


class SessionStore:
    """Loads and saves sessions and turn records. Reads the routes as well, so that a turn starts with a single call.

    `copies` are those of this process; without them, the routes are read each time.
    """

    def __init__(self, sessions_table: str, flows_table: str, copies: LiveCopies | None = None) -> None:
        self._table = sessions_table
        self._routes = RoutesReader(flows_table, copies)

    def load(self, conversation: str, event_id: str, aliases: Iterable[str] = ()) -> LoadedConversation:
        """The session, the routes, and whether the event already had its turn, in one call.

        All of it is read consistently, but for routes of which this process has a copy.
        `aliases` are the keys of the person's other addresses, as the event names them.
        """
        named = dict.fromkeys((conversation, *aliases))
        items = (SESSION, f"{TURN}{event_id}", ERASURE)
        requests: dict[str, Any] = {
            self._table: {"Keys": [key(each, item) for each in named for item in items], "ConsistentRead": True},
        }
        routes_request = self._routes.request()
        requests |= routes_request
        rows: list[dict[str, Any]] = []
        routes: list[Item] = []
        started = time.time()
        for attempt in count(2):
            answer = client("dynamodb").batch_get_item(RequestItems=requests)
            rows += answer["Responses"].get(self._table, [])
            routes += answer["Responses"].get(self._routes.table, [])
            requests = answer.get("UnprocessedKeys") or {}
            if not requests:
                break
            # Keys that come back unprocessed were throttled.
            pause = throttling.pause_before(attempt, started)
            if pause is None:
                raise Throttled("DynamoDB did not return all keys of a session")
            time.sleep(pause)
        places = {row["conversation"]["S"]: row for row in rows if row["item"]["S"] == SESSION}
        own = places.pop(conversation, None)
        place, unreadable = own_place(own) if own else (None, None)
        seen = place.live.seen if place and place.live else {}
        erasures = [read_erasure(row).at for row in rows if row["item"]["S"] == ERASURE]
        return LoadedConversation(
            session=place.live if place else None,
            routes=self._routes.take(routes_request, routes, seen.get(ROUTES, 0)),
            repeated=any(row["item"]["S"].startswith(TURN) for row in rows),
            erased_at=max(erasures, default=0),
            known=Known(conversation, place, {each: other_place(row) for each, row in places.items()}),
            unreadable=unreadable,
        )

    def newer_routes(self, than: dict[str, Any]) -> dict[str, Any] | None:
        """The live routes, read consistently, if they are others than these."""
        return self._routes.newer(than)

    def save(
        self, session: Session, event_id: str, record: dict[str, Any], now: int, links: Links | None = None
    ) -> None:
        """Save the session, its turn record and its aliases: all or none.

        Without `links`, the place is expected to hold the turn before.
        Raises TurnFailed when another turn of the conversation was saved since this one was loaded.
        """
        dynamodb = client("dynamodb")
        expires = str(now + session.expires_after(now))
        before = links.before if links else Place(session.turn - 1) if session.turn > 1 else None
        item = {
            **key(session.conversation, SESSION),
            **schema(),
            "turn": {"N": str(session.turn)},
            "session": {"S": session.session},
            "flow": {"S": session.flow},
            "version": {"N": str(session.version)},
            "at": {"S": session.node},
            "started_at": {"N": str(session.started_at)},
            "updated_at": {"N": str(now)},
            **_listed(index_keys(session.conversation, session.state, now, before.listed if before else None)),
            "expires_at": {"N": expires},
            **held_place(session),
            **awaited.written(session.awaited.deadline, session.awaited.timer),
            "document": {"S": _json(session.to_json())},
        }
        puts = [
            {"TableName": self._table, "Item": item, **is_still(before)},
            self._turn_record(session.conversation, event_id, record, expires),
            *self._line(session.conversation, f"{TURN}{event_id}", record, expires, session.first_turn),
            *(put_alias(self._table, alias) for alias in (links.aliases if links else ())),
            *({"TableName": self._table, "Item": row} for row in past_sessions.ended_by(session, links)),
        ]
        try:
            dynamodb.transact_write_items(TransactItems=[{"Put": put} for put in puts])
        except dynamodb.exceptions.TransactionCanceledException as error:
            if throttling.is_throttle(error):
                raise
            reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            raise TurnFailed(f"turn {session.turn} was not saved: {reasons}; its event is tried again") from None

    def mark_unreadable(self, conversation: str, reason: str, now: int) -> None:
        """Give the session's row the state `unreadable` and the reason, so that it is listed. The rest stays."""
        listed = index_keys(conversation, UNREADABLE, now)
        client("dynamodb").update_item(
            TableName=self._table,
            Key=key(conversation, SESSION),
            UpdateExpression="SET #state = :state, reason = :reason, listed_at = :listed_at",
            ConditionExpression="attribute_exists(conversation)",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={
                ":state": {"S": listed.partition},
                ":reason": {"S": reason},
                ":listed_at": {"S": listed.place},
            },
        )

    def remove_unreadable(self, conversation: str, session: UnreadableSession, expires_at: int) -> None:
        """Delete the session's row: an operator stopped a session that cannot be read. Its turn records stay."""
        writes: list[dict[str, Any]] = [{"Delete": {"TableName": self._table, "Key": key(conversation, SESSION)}}]
        if session.session:
            row = past_sessions.removed(conversation, session, expires_at)
            writes.append({"Put": {"TableName": self._table, "Item": row}})
        client("dynamodb").transact_write_items(TransactItems=writes)

    def save_note(self, conversation: str, event_id: str, record: dict[str, Any], expires_at: int) -> None:
        """Save the record of an event that changed no session. A repeated one changes nothing."""
        dynamodb, expires = client("dynamodb"), str(expires_at)
        puts = [
            self._turn_record(conversation, event_id, record, expires),
            *self._line(conversation, f"{TURN}{event_id}", record, expires),
        ]
        try:
            dynamodb.transact_write_items(TransactItems=[{"Put": put} for put in puts])
        except dynamodb.exceptions.TransactionCanceledException as error:
            if throttling.is_throttle(error) or not _is_repeated(error):
                raise

    def save_alias(self, alias: Alias) -> bool:
        """Write one alias; false when its place has changed since it was read."""
        dynamodb = client("dynamodb")
        try:
            dynamodb.put_item(**put_alias(self._table, alias))
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def save_failure(self, conversation: str, event_id: str, failure: dict[str, Any], expires_at: int) -> None:
        """Save why an event failed for good. The last failure of an event replaces the one before."""
        item = {
            **key(conversation, f"{FAILURE}{event_id}"),
            **schema(),
            "session": {"S": failure["session"]},
            "turn": {"N": str(failure["turn"])},
            "kind": {"S": failure["kind"]},
            "reason": {"S": failure["reason"]},
            "flow": {"S": failure["flow"]},
            "at": {"S": failure["node"]},
            "updated_at": {"N": str(failure["at"])},
            "expires_at": {"N": str(expires_at)},
            "document": {"S": _json(failure)},
        }
        line = self._line(conversation, f"{FAILURE}{event_id}", failure, str(expires_at))
        puts = [{"TableName": self._table, "Item": item}, *line]
        client("dynamodb").transact_write_items(TransactItems=[{"Put": put} for put in puts])

    def _line(
        self, conversation: str, item: str, record: dict[str, Any], expires: str, first_turn: int = 0
    ) -> list[dict[str, Any]]:
        """The put of the line that a record has in the transcript of its session; none for one of no session."""
        if not record["session"]:
            return []
        row = line_row(conversation, item, record, expires_at=expires, first_turn=first_turn)
        return [{"TableName": self._table, "Item": row}]

    def _turn_record(self, conversation: str, event_id: str, record: dict[str, Any], expires: str) -> dict[str, Any]:
        item = {
            **key(conversation, f"{TURN}{event_id}"),
            **schema(),
            "session": {"S": record["session"]},
            "turn": {"N": str(record["turn"])},
            "kind": {"S": record["event"]["kind"]},
            "taken_at": {"N": str(record.get("at", 0))},
            "flow": {"S": record.get("flow", "")},
            "document": {"S": _json(to_stored(record))},
            "expires_at": {"N": expires},
        }
        return {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(conversation)"}


@dataclass(frozen=True)
class SessionEraser:
    """Deletes all items of a conversation except `erased`, and the schedules that its turn records name."""

    table: str
    schedule_group: str

    def erase(self, conversation: str, in_time: Callable[[], bool], *, place: bool = True) -> dict[str, int]:
        """Delete until nothing is left or `in_time` returns false; returns how many of each kind were deleted.

        Without `place`, the item `session` stays.
        """
        from chatflow.adapters.dynamodb.items import query
        from chatflow.adapters.dynamodb.row_deletion import batches, delete

        deleted = {"sessions": 0, "aliases": 0, "turns": 0, "letters": 0, "schedules": 0}
        kept = {ERASURE} if place else {ERASURE, SESSION}
        values = {":conversation": {"S": conversation}}
        found = query(self.table, "conversation = :conversation", values, ConsistentRead=True)
        for rows in batches((row for row in found if row["item"]["S"] not in kept), in_time):
            # Schedules go before the turn records, since only these know the schedules' names.
            deleted["schedules"] += sum(self._delete_schedules(row) for row in rows)
            delete(self.table, [{"conversation": row["conversation"], "item": row["item"]} for row in rows])
            for row in rows:
                if row["item"]["S"].startswith((LINE, past_sessions.PAST)):  # of turns and failures, which are counted
                    continue
                kind = "alias" if "moved_to" in row else row["item"]["S"].partition("#")[0]
                deleted[_KINDS.get(kind, "sessions")] += 1
        return deleted

    def targets(self, keys: Sequence[str]) -> dict[str, str]:
        """Whose alias each key is: "" for one with a conversation of its own. A key without any is left out."""
        from chatflow.adapters.dynamodb.items import batch_get

        found = batch_get(self.table, [key(each, SESSION) for each in dict.fromkeys(keys)], consistent=True)
        return {row["conversation"]["S"]: row.get("moved_to", {}).get("S", "") for row in found}

    def _delete_schedules(self, row: dict[str, Any]) -> int:
        """Delete the schedules that a turn record names and that lay ahead; returns how many there were."""
        from chatflow.adapters.scheduler import delete_schedule

        if not row["item"]["S"].startswith(TURN):
            return 0
        try:
            timers = read(_RecordedTimers, document(row, "the turn record"), "the turn record")
        except Unreadable:  # nobody knows the schedules' names; their events will be ignored
            return 0
        conversation, earliest = row["conversation"]["S"], time.time() - _SCHEDULER_RETRY_SECONDS
        events = [
            event
            for event, at in (
                (timeout_event(conversation, timers.session, timers.turn, timers.deadline), timers.deadline),
                (owed_event(conversation, timers.turn, timers.owed_wake), timers.owed_wake),
            )
            if at >= earliest
        ]
        return sum(delete_schedule(self.schedule_group, event) for event in events)

    def last_erasure(self, conversation: str) -> dict[str, Any] | None:
        """The conversation's last erasure, done or not: at, done, removed. None when there was none in 15 days."""
        request = {"TableName": self.table, "Key": key(conversation, ERASURE), "ConsistentRead": True}
        item = client("dynamodb").get_item(**request).get("Item")
        return vars(read_erasure(item)) if item else None

    def save_erasure(
        self, conversation: str, at: int, done: bool, removed: dict[str, int], keys: Sequence[str] = ()
    ) -> None:
        """Save when the erasure was requested (seconds since the epoch), whether it is done, and what it removed.

        `keys` are the person's other keys, until it is done.
        """
        now = int(time.time())
        erasure = {"at": at, "done": done, "removed": removed, **({} if done else {"keys": list(keys)})}
        item = {
            **key(conversation, ERASURE),
            **schema(),
            "document": {"S": _json(erasure)},
            "updated_at": {"N": str(now)},
            "expires_at": {"N": str(now + _ERASURE_DAYS * 86_400)},
        }
        client("dynamodb").put_item(TableName=self.table, Item=item)


@dataclass(frozen=True)
class Erasure:
    """An erasure: when it was requested (seconds since the epoch), whether it is done, and what it removed.

    `keys` are the person's other keys, until it is done.
    """

    at: int
    done: bool = False
    removed: dict[str, int] = field(default_factory=dict)
    keys: tuple[str, ...] = ()


def read_erasure(item: Item) -> Erasure:
    """The last erasure. One that cannot be read counts as requested when it was last saved, and as not done."""
    try:
        return read(Erasure, document(item, "the recorded erasure"), "the recorded erasure")
    except Unreadable:
        return Erasure(number(item, "updated_at"))


@dataclass(frozen=True)
class _RecordedTimers:
    """When the timers that a turn set are due, in seconds since the epoch; 0 for none."""

    session: str
    turn: int
    deadline: int = 0
    owed_wake: int = 0


def key(conversation: str, item: str) -> dict[str, Any]:
    """The primary key of an item."""
    return {"conversation": {"S": conversation}, "item": {"S": item}}


def _listed(keys: IndexKeys) -> Item:
    return {"state": {"S": keys.partition}, "listed_at": {"S": keys.place}}


def _is_repeated(error: Any) -> bool:
    """Whether a transaction failed because its record is there already."""
    reasons = error.response.get("CancellationReasons", [])
    return any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
