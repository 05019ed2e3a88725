"""Conversations: one contact on one account, by a key that tells neither; what happened, and what to do about it."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from chatflow.adapters.transcripts import Newest
from chatflow.events import Action, operator_event
from chatflow.sessions import State
from management import audit, transcript
from management.callers import caller
from management.conditions import IfMatch, given, must_be, tagged
from management.documented import documented, resource
from management.pages import DEFAULT_LIMIT, Cursor, Limit, Page, cursor, position
from management.problems import Problem, invalid
from management.resources.sessions import Accepted, Account, Channel, Contact, conversation_of
from management.times import Time, rfc3339
from management.world import world

router = resource()

Conversation = Annotated[str, Path(pattern=r"^c_[0-9a-f]{32}$", description="A conversation's key.")]
OfSession = Annotated[
    str | None, Query(pattern=r"^s_[0-9a-f]{24}$", description="One session; without it, the newest.")
]
_DOES = (
    "An event like any other: it applies if the session still stands where it stands now, else it is noted as stale."
)


class Whose(BaseModel):
    """A contact on an account."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel
    account: Account
    contact: Contact


class Found(BaseModel):
    """The only form in which a conversation stands in addresses, logs and metrics."""

    conversation: str


class WaitingFor(BaseModel):
    """What a waiting session waits for."""

    expects: list[str]
    until: Time


class Session(BaseModel):
    """The newest session of a conversation."""

    session: str
    state: State
    flow: str
    version: int
    at: str = Field(description="The node where it stands; empty when it has ended.")
    turn: int
    waiting: WaitingFor | None
    variables: dict[str, Any] = Field(description="`***` stands for what a node calls sensitive.")
    pending: int = Field(description="Events that were accepted and are still to be applied.")
    started_at: Time | None
    updated_at: Time
    heard_at: Time | None = Field(description="When the contact last wrote.")


class PastSession(BaseModel):
    """One session of a conversation."""

    session: str
    flow: str
    state: State
    turns: int
    started_at: Time
    updated_at: Time


class ShownConversation(BaseModel):
    """One contact on one account. Who it is stands in no answer."""

    conversation: str
    channel: str
    account: str
    session: Session
    sessions: list[PastSession] = Field(description="The newest first.")


class File(BaseModel):
    """A file of a turn. Its link lasts five minutes."""

    kind: str
    mime: str
    size: int
    sha256: str
    filename: str
    url: str
    thumbnail: str | None


class Failure(BaseModel):
    """Why an event failed for good. `node`: where its session stood, which need not be the node that failed."""

    reason: str
    at: Time
    node: str


class Turn(BaseModel):
    """All that happened for one event; or an event that changed nothing, and why."""

    id: str = Field(description="A digest of the event's id, which may spell the contact's number.")
    session: str
    turn: int
    at: Time
    flow: str
    version: int
    state: State | None = Field(description="The session's state after it; null where it changed nothing.")
    node: str = Field(description="Where the session then stood.")
    event: dict[str, Any]
    visits: list[dict[str, Any]] = Field(description="Nodes in order: exit, time, calls, messages with their delivery.")
    changes: dict[str, dict[str, Any]] = Field(description="Variables: `before` and `after`.")
    media: list[File]
    stale: bool = Field(description="The session had moved on: the event changed nothing.")
    refused: str | None = Field(description="Why a start came to nothing.")
    failure: Failure | None = Field(description="It failed for good; with visits, it was redriven since.")


@router.post(
    "/conversations/find",
    **documented(
        role="viewer",
        summary="The conversation with a contact",
        description="Whether they ever wrote is not asked. The address stands in the body and nowhere else.",
        changes=False,
    ),
)
def find_conversation(whose: Whose) -> Found:
    conversation, _ = conversation_of(whose.channel, whose.account, whose.contact)
    return Found(conversation=conversation)


@router.get(
    "/conversations/<conversation>",
    **documented(
        role="viewer",
        summary="A conversation: its newest session, and the list of all",
        problems=["not-found"],
        etag=True,
    ),
)
def get_conversation(conversation: Conversation) -> Response[ShownConversation]:
    newest = _newest(conversation)
    session = newest.session
    past = [
        PastSession(
            session=each["session"],
            flow=each["flow"],
            state=each["state"],
            turns=each["turns"],
            started_at=rfc3339(each["first"]),
            updated_at=rfc3339(each["last"]),
        )
        for each in transcript.sessions(world().transcripts.history(conversation), session)
    ]
    shown = ShownConversation(
        conversation=conversation,
        channel=session.channel,
        account=session.account,
        session=_session(newest),
        sessions=past,
    )
    return tagged(shown, session.turn)


@router.get(
    "/conversations/<conversation>/turns",
    **documented(
        role="viewer",
        summary="The transcript of a session, in the order of its turns",
        problems=["not-found"],
    ),
)
def list_turns(
    conversation: Conversation, session: OfSession = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Turn]:
    newest = _newest(conversation).session
    reader = world().transcripts
    lines = transcript.lines(
        reader.history(conversation), reader.letters(conversation), newest.session if session is None else session
    )
    after = _place(cursor)
    ahead = [line for line in lines if after is None or line.place > after]
    page = ahead[:limit]
    read = {
        transcript.digest(record["event"]["id"]): record
        for record in reader.records(conversation, [line.item for line in page if line.item])
    }
    statuses = reader.statuses(newest.channel, newest.account, transcript.sent(read.values()))
    turns = [_turn(line, read.get(line.id), conversation, statuses) for line in page]
    return Page(items=turns, next=_cursor(page[-1]) if len(ahead) > limit else None)


@router.post(
    "/conversations/<conversation>/stop",
    **documented(
        role="editor",
        summary="End the session, without a word to the contact",
        description=_DOES,
        status=202,
        problems=["not-found", "session-not-running", "edit-conflict"],
    ),
)
def stop_session(conversation: Conversation, if_match: IfMatch = None) -> Accepted:
    return _wish("stop", conversation, if_match)


@router.post(
    "/conversations/<conversation>/retry",
    **documented(
        role="editor",
        summary="Enter the node where the session stands once more",
        description=f"A node that waits asks again; a session that was interrupted goes on. {_DOES}",
        status=202,
        problems=["not-found", "session-not-running", "edit-conflict"],
    ),
)
def retry_session(conversation: Conversation, if_match: IfMatch = None) -> Accepted:
    return _wish("retry", conversation, if_match)


@router.post(
    "/conversations/<conversation>/give-up",
    **documented(
        role="editor",
        summary="Leave the node where the session stands",
        description=f"By its exit `gave_up`, else `failed`, else `failure`, else it ends with the apology. {_DOES}",
        status=202,
        problems=["not-found", "session-not-running", "edit-conflict"],
    ),
)
def give_up_session(conversation: Conversation, if_match: IfMatch = None) -> Accepted:
    return _wish("give_up", conversation, if_match)


def _wish(action: Action, conversation: str, if_match: str | None) -> Accepted:
    session = _newest(conversation).session
    must_be(given(if_match), session.turn)
    if not session.running:
        raise Problem("session-not-running", "the conversation's newest session has ended")
    event = operator_event(
        secrets.token_hex(8), conversation, session.session, session.turn, action=action, by=caller().name
    )
    audit.mention(session=session.session, turn=session.turn)
    world().queue([event])
    return Accepted(conversation=conversation, event=event["id"])


def _newest(conversation: str) -> Newest:
    newest = world().transcripts.newest(conversation)
    if newest is None:
        raise Problem("not-found", "no such conversation: nothing was ever said, or its time to be kept is over")
    return newest


def _session(newest: Newest) -> Session:
    session = newest.session
    waiting = session.waiting
    return Session(
        session=session.session,
        state=session.state,
        flow=session.flow,
        version=session.version,
        at=session.at,
        turn=session.turn,
        waiting=WaitingFor(expects=list(waiting.expects), until=rfc3339(waiting.deadline)) if waiting else None,
        variables=session.shown(session.variables),
        pending=len(session.pending),
        started_at=rfc3339(session.started_at) if session.started_at else None,
        updated_at=rfc3339(newest.updated_at),
        heard_at=rfc3339(session.heard_at) if session.heard_at else None,
    )


def _turn(
    line: transcript.Line, record: transcript.Record | None, conversation: str, statuses: dict[str, dict[str, Any]]
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
        media=[_file(each) for each in transcript.files(shown, conversation)],
        stale=bool(shown.get("stale")),
        refused=shown.get("refused"),
        failure=Failure(reason=failure["reason"], at=rfc3339(failure["at"]), node=failure["node"]) if failure else None,
    )


def _file(reference: dict[str, Any]) -> File:
    links = world().links
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
        thumbnail=(links.thumbnail(sha256) or None) if key.startswith("asset/") else None,
    )


def _cursor(line: transcript.Line) -> str:
    return cursor(turn=str(line.turn), at=str(line.at), id=line.id)


def _place(cursor: str | None) -> tuple[int, int, str] | None:
    found = position(cursor, "turn", "at", "id")
    if found is None:
        return None
    if not (found["turn"].isdecimal() and found["at"].isdecimal()):
        raise invalid("query.cursor", "not a cursor of this list: leave it out for the first page")
    return int(found["turn"]), int(found["at"]), found["id"]
