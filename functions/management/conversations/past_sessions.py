"""Lists of the sessions of a conversation, the newest first. A page reads what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chatflow.adapters.dynamodb.past_sessions import PLACE, turns_of
from chatflow.adapters.dynamodb.past_sessions import PastSession as StoredPastSession
from chatflow.adapters.dynamodb.sessions import UNREADABLE
from chatflow.adapters.dynamodb.transcripts import HistoryEntry, StoredSession
from management.conversations.models import PastSession, ShownState
from management.http.pagination import Page, decode_cursor, encode_cursor, invalid_cursor
from management.http.times import rfc3339

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def page(dependencies: Dependencies, newest: StoredSession, *, limit: int, cursor: str | None) -> Page[PastSession]:
    """A page of the sessions of a conversation; the first one begins with the newest session.

    Sessions of earlier versions have no rows: for the pages that reach them, the history of the conversation is read.
    Raises Problem (invalid-request).
    """
    before = _parse_cursor(cursor)
    keys = (*newest.session.formerly, newest.session.conversation)
    rows = dependencies.transcripts.past_sessions(keys, before=before, limit=limit + 1)
    found = [*([] if before else _newest(newest)), *(row for row in rows if row.session != newest.session.session)]
    if len(rows) <= limit and not _all_listed(newest, rows, before):
        found = _with_history(newest, found, dependencies.transcripts.history(*keys), before)
    state: ShownState = UNREADABLE if newest.unreadable else newest.session.state
    return Page(
        items=[_shown(each, state if each.session == newest.session.session else "ended") for each in found[:limit]],
        next=encode_cursor(before=found[limit - 1].place) if len(found) > limit else None,
    )


def _all_listed(newest: StoredSession, rows: Sequence[StoredPastSession], before: str) -> bool:
    """Whether no session is left that has no row. A page after another one that ended with a row has rows itself."""
    if rows:
        return rows[-1].all_listed
    return not before and newest.session.past_listed and turns_of(newest.session) is not None


def _newest(newest: StoredSession) -> list[StoredPastSession]:
    session = newest.session
    if not session.session:
        return []
    began = session.started_at or newest.updated_at
    return [
        StoredPastSession(
            session.session,
            session.flow,
            turns_of(session),
            began,
            newest.updated_at,
            session.turn,
            session.past_listed,
        )
    ]


def _with_history(
    newest: StoredSession, listed: Sequence[StoredPastSession], history: Iterable[HistoryEntry], before: str
) -> list[StoredPastSession]:
    """The sessions of a page, and all before them that have records but no row."""
    entries: dict[str, list[HistoryEntry]] = {}
    for entry in history:
        if entry.session:
            entries.setdefault(entry.session, []).append(entry)
    recorded = {session: _recorded(session, own) for session, own in entries.items()}
    counted = [recorded.get(each.session, each) if each.turns is None else each for each in listed]
    known = {newest.session.session, *(each.session for each in listed)}
    others = [
        each for session, each in recorded.items() if session not in known and (not before or each.place < before)
    ]
    return [*counted, *sorted(others, key=lambda each: each.place, reverse=True)]


def _recorded(session: str, entries: Sequence[HistoryEntry]) -> StoredPastSession:
    return StoredPastSession(
        session=session,
        flow=next((entry.flow for entry in reversed(entries) if entry.flow), ""),
        turns=sum(1 for entry in entries if entry.flow),  # an entry without a flow is a note, not a turn
        started_at=min(entry.at for entry in entries),
        updated_at=max(entry.at for entry in entries),
        turn=max(entry.turn for entry in entries),
    )


def _shown(past: StoredPastSession, state: ShownState) -> PastSession:
    return PastSession(
        session=past.session,
        flow=past.flow,
        state=state,
        turns=past.turns,
        started_at=rfc3339(past.started_at or past.updated_at),
        updated_at=rfc3339(past.updated_at),
    )


def _parse_cursor(cursor: str | None) -> str:
    """The place after which a page begins, "" for the first page."""
    position = decode_cursor(cursor, "before")
    if position is None:
        return ""
    if not PLACE.fullmatch(position["before"]):
        raise invalid_cursor()
    return position["before"]
