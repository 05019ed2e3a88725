"""Reads the table `sessions` for people: lists of sessions by an index, transcripts by key. Never a scan.

Reads are eventually consistent: a reader sees a turn a moment after it was saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chatflow.adapters.dynamodb import deliveries, listed_sessions, past_sessions, transcript_lines
from chatflow.adapters.dynamodb.items import Item, batch_get, document, get_item, number, query, text
from chatflow.adapters.dynamodb.listed_sessions import SessionSummary
from chatflow.adapters.dynamodb.past_sessions import PastSession
from chatflow.adapters.dynamodb.places import SESSION, other_place, read_or_explain
from chatflow.adapters.dynamodb.sessions import ERASURE, FAILURE, TURN, key, read_erasure
from chatflow.adapters.dynamodb.transcript_lines import Line
from chatflow.conversation.identity import Place
from chatflow.conversation.session import Session
from chatflow.conversation.turn_record_form import from_stored
from chatflow.errors import Unreadable
from chatflow.tolerant_reader import read

_FEW = 20  # failures of a conversation that are read together
_MOST_MOVES = 8  # of one conversation that are followed; each turn shortens the chain to one


@dataclass(frozen=True)
class StoredSession:
    """A conversation's newest session, and when it was saved (seconds since the epoch).

    `unreadable`: why its row cannot be read, "" for one that can. `session` then has only what the row's other
    attributes say, and no address.
    """

    session: Session
    updated_at: int
    unreadable: str = ""


@dataclass(frozen=True)
class HistoryEntry:
    """A turn record or a note in the history of a conversation, without its content. `item` is its sort key.

    `conversation` is the key under which it was stored: the conversation may have moved since.
    """

    conversation: str
    item: str
    session: str
    turn: int
    flow: str
    kind: str
    at: int


@dataclass(frozen=True)
class FailedEvent:
    """What is stored about an event in a dead-letter queue.

    `failure`: why it failed for good, None when that is not known. `processed`: it had its turn after all.
    """

    failure: dict[str, Any] | None
    processed: bool


class Transcripts:
    """Reads the tables `sessions` and `deliveries`."""

    def __init__(self, sessions_table: str, deliveries_table: str) -> None:
        self._sessions = sessions_table
        self._deliveries = deliveries_table

    def sessions(
        self,
        states: Sequence[str],
        *,
        flow: str = "",
        since: int = 0,
        until: int | None = None,
        before: str = "",
        limit: int,
    ) -> tuple[list[SessionSummary], str]:
        """A page of the list of sessions: see `listed_sessions.page`."""
        return listed_sessions.page(
            self._sessions, states, flow=flow, since=since, until=until, before=before, limit=limit
        )

    def newest(self, conversation: str) -> StoredSession | None:
        """The newest session of a conversation, also by a key that it had before. None when it has none."""
        item = self._followed(conversation)
        return _stored_session(item) if item and "moved_to" not in item else None

    def current_key(self, conversation: str) -> str:
        """The key under which a conversation goes on now: its own, unless it moved or is an alias."""
        item = self._followed(conversation)
        if item is None:
            return conversation
        return text(item, "moved_to") or item["conversation"]["S"]

    def places(self, conversations: Iterable[str]) -> dict[str, Place]:
        """What is stored under these keys: sessions and aliases. A key without any is left out."""
        rows = batch_get(self._sessions, [key(each, SESSION) for each in conversations], consistent=True)
        return {row["conversation"]["S"]: other_place(row) for row in rows}

    def _followed(self, conversation: str) -> Item | None:
        """The place at the end of a chain of aliases; an alias itself where the chain ends at a key without a place."""
        item = get_item(self._sessions, key(conversation, SESSION), consistent=True)
        for _ in range(_MOST_MOVES):
            if item is None or "moved_to" not in item:
                break
            following = get_item(self._sessions, key(text(item, "moved_to"), SESSION), consistent=True)
            if following is None:
                break
            item = following
        return item

    def newest_of(self, conversations: Iterable[str]) -> dict[str, StoredSession]:
        """The newest session of each conversation that has one."""
        keys = [key(each, SESSION) for each in dict.fromkeys(conversations)]
        items = {item["conversation"]["S"]: item for item in batch_get(self._sessions, keys, consistent=False)}
        found = {each: _stored_session(item) for each, item in items.items() if "moved_to" not in item}
        moved = {each: self.newest(each) for each in items if each not in found}
        return found | {each: newest for each, newest in moved.items() if newest}

    def count_running(self, flow: str) -> int:
        """About how many sessions of a flow run: see `listed_sessions.count_running`."""
        return listed_sessions.count_running(self._sessions, flow)

    def history(self, *conversations: str) -> list[HistoryEntry]:
        """Every record under the keys of a conversation, ordered by turn; a note follows the turn before it."""
        columns = "#item, #session, turn, flow, kind, taken_at"
        entries = [
            HistoryEntry(
                conversation=conversation,
                item=item["item"]["S"],
                session=text(item, "session"),
                turn=number(item, "turn"),
                flow=text(item, "flow"),
                kind=text(item, "kind"),
                at=number(item, "taken_at"),
            )
            for conversation in conversations
            for item in self._with_prefix(conversation, TURN, columns)
        ]
        return sorted(entries, key=lambda entry: (entry.turn, entry.at, entry.item))

    def lines(self, session: str, conversations: Sequence[str], *, after: str, limit: int) -> list[Line] | None:
        """A page of the transcript of a session: see `transcript_lines.lines`. Without lines, `history` has it."""
        return transcript_lines.lines(self._sessions, conversations, session, after=after, limit=limit)

    def past_sessions(self, conversations: Sequence[str], *, before: str, limit: int) -> list[PastSession]:
        """A page of the sessions of a conversation: see `past_sessions.past_sessions`."""
        return past_sessions.past_sessions(self._sessions, conversations, before=before, limit=limit)

    def records(self, conversation: str, items: Sequence[str]) -> dict[str, dict[str, Any] | Unreadable]:
        """The content of records by item, or why one cannot be read. One that was deleted meanwhile is left out."""
        rows = batch_get(self._sessions, [key(conversation, item) for item in items], consistent=False)
        return {row["item"]["S"]: _record(row) for row in rows}

    def failures(self, *conversations: str) -> list[dict[str, Any]]:
        """Why events under the keys of a conversation failed for good; `event` is the id of each."""
        return [
            {**_failure(item), "event": item["item"]["S"].removeprefix(FAILURE)}
            for conversation in conversations
            for item in self._with_prefix(conversation, FAILURE, "")
        ]

    def failures_of(self, events: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """Those of these events, by conversation and event id, that failed for good, as `failures` has them."""
        few: list[Item] = []
        for conversation in dict.fromkeys(conversation for conversation, _ in events):
            # Almost every conversation has few failures or none: one read tells, where each event would need its own.
            found = list(islice(self._with_prefix(conversation, FAILURE, "", Limit=_FEW), _FEW))
            if len(found) == _FEW:
                keys = [key(each, f"{FAILURE}{id}") for each, id in events if each == conversation]
                found = batch_get(self._sessions, keys, consistent=False)
            few += found
        failed = [{**_failure(item), "event": item["item"]["S"].removeprefix(FAILURE)} for item in few]
        wanted = {id for _, id in events}
        return [failure for failure in failed if failure["event"] in wanted]

    def failed_events(self, events: Iterable[tuple[str, str]]) -> dict[tuple[str, str], FailedEvent]:
        """What is stored about events in a dead-letter queue, by conversation and event id."""
        wanted = list(dict.fromkeys(events))
        keys = [key(conversation, f"{prefix}{id}") for conversation, id in wanted for prefix in (FAILURE, TURN)]
        rows = batch_get(self._sessions, keys, consistent=False)
        items = {(row["conversation"]["S"], row["item"]["S"]): row for row in rows}
        return {
            (conversation, id): FailedEvent(
                failure=_failure(row) if (row := items.get((conversation, f"{FAILURE}{id}"))) else None,
                processed=(conversation, f"{TURN}{id}") in items,
            )
            for conversation, id in wanted
        }

    def erasure(self, conversation: str) -> dict[str, Any] | None:
        """The conversation's last erasure: at, done, removed. None when there was none in 15 days."""
        item = get_item(self._sessions, key(conversation, ERASURE), consistent=False)
        return vars(read_erasure(item)) if item else None

    def statuses(self, channel: str, account: str, message_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The delivery statuses of messages that we sent, by message id: status, at, code, explanation."""
        return deliveries.statuses(self._deliveries, channel, account, message_ids)

    def _with_prefix(self, conversation: str, prefix: str, projection: str, **request: Any) -> Iterator[Item]:
        names = {"#item": "item", "#session": "session"}
        return query(
            self._sessions,
            "conversation = :conversation AND begins_with(#item, :prefix)",
            {":conversation": {"S": conversation}, ":prefix": {"S": prefix}},
            ExpressionAttributeNames={name: names[name] for name in names if name in f"{projection} #item"},
            **({"ProjectionExpression": projection} if projection else {}),
            **request,
        )


def _stored_session(item: Item) -> StoredSession:
    session = read_or_explain(item)
    if isinstance(session, Session):
        return StoredSession(session, number(item, "updated_at"))
    known = Session(
        conversation=item["conversation"]["S"],
        channel="",
        account="",
        contact="",
        turn=session.turn,
        session=session.session,
        flow=session.flow,
        version=session.version,
        node=session.node,
        started_at=session.started_at,
    )
    return StoredSession(known, session.updated_at, session.reason)


def _record(item: Item) -> dict[str, Any] | Unreadable:
    try:
        return from_stored(document(item, "the turn record"))
    except Unreadable as error:
        return error


@dataclass(frozen=True)
class _Failure:
    kind: str
    reason: str
    at: int
    session: str = ""
    turn: int = 0
    node: str = ""
    flow: str = ""
    wait: int = 0


def _failure(item: Item) -> dict[str, Any]:
    """A recorded failure; of one that cannot be read, what the row's other attributes say."""
    try:
        return vars(read(_Failure, document(item, "the recorded failure"), "the recorded failure"))
    except Unreadable as error:
        reason = text(item, "reason") or str(error)
        known = (number(item, "updated_at"), text(item, "session"), number(item, "turn"))
        return vars(_Failure(text(item, "kind"), reason, *known, text(item, "at"), text(item, "flow")))
