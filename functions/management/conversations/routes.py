"""Conversations: one contact on one account, by a key that tells neither; what happened, and what to do about it."""

from __future__ import annotations

import secrets
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from chatflow.adapters.dynamodb.transcripts import StoredSession
from chatflow.conversation.events import Action, operator_event
from management.audit.service import add_audit_facts
from management.conversations import service, transcript
from management.conversations.models import Found, PastSession, Session, ShownConversation, Turn, WaitingFor, Whose
from management.dependencies import Dependencies
from management.http.auth import caller
from management.http.etags import IfMatch, optional_revision, require_revision, response_with_etag
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from management.http.problems import Problem
from management.http.times import rfc3339
from management.sessions.routes import Accepted, conversation_of

Conversation = Annotated[str, Path(pattern=r"^c_[0-9a-f]{32}$", description="A conversation's key.")]
OfSession = Annotated[
    str | None, Query(pattern=r"^s_[0-9a-f]{24}$", description="One session; without it, the newest.")
]
_DOES = (
    "An event like any other: it applies if the session still stands where it stands now, else it is noted as stale."
)


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.post(
        "/conversations/find",
        **openapi_options(
            role="viewer",
            summary="The conversation with a contact",
            description="Whether they ever wrote is not asked. The address stands in the body and nowhere else.",
            changes=False,
        ),
    )
    def find_conversation(whose: Whose) -> Found:
        conversation, _ = conversation_of(dependencies, whose.channel, whose.account, whose.contact)
        return Found(conversation=conversation)

    @router.get(
        "/conversations/<conversation>",
        **openapi_options(
            role="viewer",
            summary="A conversation: its newest session, and the list of all",
            problems=["not-found"],
            etag=True,
        ),
    )
    def get_conversation(conversation: Conversation) -> Response[ShownConversation]:
        newest = _newest(dependencies, conversation)
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
            for each in transcript.sessions(dependencies.transcripts.history(conversation), session)
        ]
        shown = ShownConversation(
            conversation=conversation,
            channel=session.channel,
            account=session.account,
            session=_session(newest),
            sessions=past,
        )
        return response_with_etag(shown, session.turn)

    @router.get(
        "/conversations/<conversation>/turns",
        **openapi_options(
            role="viewer",
            summary="The transcript of a session, in the order of its turns",
            problems=["not-found"],
        ),
    )
    def list_turns(
        conversation: Conversation, session: OfSession = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> Page[Turn]:
        return service.page(
            dependencies, conversation, _newest(dependencies, conversation).session, session, limit=limit, at=cursor
        )

    @router.post(
        "/conversations/<conversation>/stop",
        **openapi_options(
            role="editor",
            summary="End the session, without a word to the contact",
            description=_DOES,
            status=202,
            problems=["not-found", "session-not-running", "edit-conflict"],
        ),
    )
    def stop_session(conversation: Conversation, if_match: IfMatch = None) -> Accepted:
        return _wish(dependencies, "stop", conversation, if_match)

    @router.post(
        "/conversations/<conversation>/retry",
        **openapi_options(
            role="editor",
            summary="Enter the node where the session stands once more",
            description=f"A node that waits asks again; a session that was interrupted goes on. {_DOES}",
            status=202,
            problems=["not-found", "session-not-running", "edit-conflict"],
        ),
    )
    def retry_session(conversation: Conversation, if_match: IfMatch = None) -> Accepted:
        return _wish(dependencies, "retry", conversation, if_match)

    @router.post(
        "/conversations/<conversation>/give-up",
        **openapi_options(
            role="editor",
            summary="Leave the node where the session stands",
            description=f"By its exit `gave_up`, else `failed`, else `failure`, else it ends with the apology. {_DOES}",
            status=202,
            problems=["not-found", "session-not-running", "edit-conflict"],
        ),
    )
    def give_up_session(conversation: Conversation, if_match: IfMatch = None) -> Accepted:
        return _wish(dependencies, "give_up", conversation, if_match)

    return router


def _wish(dependencies: Dependencies, action: Action, conversation: str, if_match: str | None) -> Accepted:
    session = _newest(dependencies, conversation).session
    require_revision(optional_revision(if_match), session.turn)
    if not session.running:
        raise Problem("session-not-running", "the conversation's newest session has ended")
    event = operator_event(
        secrets.token_hex(8), conversation, session.session, session.turn, action=action, by=caller().name
    )
    add_audit_facts(session=session.session, turn=session.turn)
    dependencies.send_events([event])
    return Accepted(conversation=conversation, event=event["id"])


def _newest(dependencies: Dependencies, conversation: str) -> StoredSession:
    newest = dependencies.transcripts.newest(conversation)
    if newest is None:
        raise Problem("not-found", "no such conversation: nothing was ever said, or its time to be kept is over")
    return newest


def _session(newest: StoredSession) -> Session:
    session = newest.session
    waiting = session.waiting
    return Session(
        session=session.session,
        state=session.state,
        flow=session.flow,
        version=session.version,
        at=session.node,
        turn=session.turn,
        waiting=WaitingFor(expects=list(waiting.expects), until=rfc3339(waiting.deadline)) if waiting else None,
        variables=session.masked(session.variables),
        pending=len(session.pending),
        started_at=rfc3339(session.started_at) if session.started_at else None,
        updated_at=rfc3339(newest.updated_at),
        heard_at=rfc3339(session.last_message_at) if session.last_message_at else None,
    )
