"""A transcript, read page by page: each turn with what became of its messages, and with links to its files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from chatflow.conversation.session import Session
from chatflow.media import object_keys
from management.conversations import transcript
from management.conversations.models import Failure, File, Turn
from management.dependencies import Dependencies
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.http.problems import invalid_field
from management.http.times import rfc3339

_AT_ONCE: Final = 10  # records in memory; each has at most 400 KB
_MOST_CHARACTERS: Final = 4_000_000  # of a page: Lambda answers with at most 6 MB, in which what is no ASCII is longer


def page(
    dependencies: Dependencies, conversation: str, newest: Session, session: str | None, *, limit: int, at: str | None
) -> Page[Turn]:
    """The turns of a session, by default the newest; fewer than `limit` where they are large, but at least one."""
    after = _place(at)
    history, letters = dependencies.transcripts.history(conversation), dependencies.transcripts.failures(conversation)
    lines = transcript.lines(history, letters, newest.session if session is None else session)
    ahead = [line for line in lines if after is None or line.place > after]
    turns: list[Turn] = []
    size = 0
    for turn in _turns(dependencies, ahead[:limit], conversation, newest):
        size += len(json.dumps(turn.model_dump_json()))
        if turns and size > _MOST_CHARACTERS:
            break
        turns.append(turn)
    return Page(items=turns, next=_cursor(ahead[len(turns) - 1]) if len(turns) < len(ahead) else None)


def _turns(
    dependencies: Dependencies, lines: Sequence[transcript.Line], conversation: str, newest: Session
) -> Iterator[Turn]:
    reader = dependencies.transcripts
    for start in range(0, len(lines), _AT_ONCE):
        some = lines[start : start + _AT_ONCE]
        read = {
            transcript.digest(record["event"]["id"]): record
            for record in reader.records(conversation, [line.item for line in some if line.item])
        }
        statuses = reader.statuses(newest.channel, newest.account, transcript.sent(read.values()))
        for line in some:
            yield _turn(dependencies, line, read.get(line.id), conversation, statuses)


def _turn(
    dependencies: Dependencies,
    line: transcript.Line,
    record: transcript.Record | None,
    conversation: str,
    statuses: dict[str, dict[str, Any]],
) -> Turn:
    shown = record or {"event": {"kind": line.failure["kind"]} if line.failure else {}, "visits": []}
    failure = line.failure
    return Turn(
        id=line.id,
        session=line.session,
        turn=line.turn,
        at=rfc3339(line.at),
        flow=shown.get("flow", ""),
        version=shown.get("version", 0),
        state=shown.get("state"),
        node=shown.get("node", failure["node"] if failure else ""),
        event=transcript.event(shown),
        visits=transcript.visits(shown, statuses),
        changes=transcript.changes(shown),
        media=[_file(dependencies, each) for each in transcript.files(shown, conversation)],
        stale=bool(shown.get("stale")),
        refused=shown.get("refused"),
        failure=Failure(reason=failure["reason"], at=rfc3339(failure["at"]), node=failure["node"]) if failure else None,
    )


def _file(dependencies: Dependencies, reference: dict[str, Any]) -> File:
    links = dependencies.media_links
    key, sha256 = str(reference["key"]), str(reference["sha256"])
    filename = str(reference.get("filename") or f"{reference['kind']}-{sha256[:8]}")
    mime = str(reference["mime"])
    return File(
        kind=str(reference["kind"]),
        mime=mime,
        size=int(reference["size"]),
        sha256=sha256,
        filename=filename,
        url=links.link(key, filename, mime),
        thumbnail=(links.thumbnail(sha256) or None) if object_keys.is_asset(key) else None,
    )


def _cursor(line: transcript.Line) -> str:
    return encode_cursor(turn=str(line.turn), at=str(line.at), id=line.id)


def _place(cursor: str | None) -> tuple[int, int, str] | None:
    found = decode_cursor(cursor, "turn", "at", "id")
    if found is None:
        return None
    if not (found["turn"].isdecimal() and found["at"].isdecimal()):
        raise invalid_field("query.cursor", "not a cursor of this list: leave it out for the first page")
    return int(found["turn"]), int(found["at"]), found["id"]
