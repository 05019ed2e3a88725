"""Routes of the conversations: a conversation is one contact on one account, known by a key that identifies neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.audit.service import add_audit_facts
from management.conversations import past_sessions, service, transcript
from management.conversations.lookup import identify
from management.conversations.models import (
    Accepted,
    ConversationKey,
    Found,
    PastSession,
    ShownConversation,
    Turn,
    Whose,
)
from management.http.etags import IfMatch, optional_revision, response_with_etag
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page

if TYPE_CHECKING:
    from management.dependencies import Dependencies

OfSession = Annotated[
    str | None, Query(pattern=r"^s_[0-9a-f]{24}$", description="One session; without it, the newest.")
]
Messages = Annotated[
    Literal["skip", "apply"],
    Query(
        description="What the contact sent during the pause: `skip` leaves it in the transcript, `apply` has the flow "
        "take it now, in order."
    ),
]
_APPLIES: Final = (
    "An event like any other: it applies if the session does not move on before; otherwise it is recorded as stale."
)


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/conversations`, but for its erasure."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.post(
        "/conversations/find",
        **openapi_options(
            role="viewer",
            summary="The conversation with a contact",
            description="By any address of the contact: on WhatsApp a number in any spelling, a user id or a username. "
            "The contact need not have written before. The address is sent in the body only.",
            changes=False,
            shows_customers=True,
        ),
    )
    def find_conversation(whose: Whose) -> Found:
        found = identify(dependencies, whose.channel, whose.account, whose.contact)
        add_audit_facts(conversation=found.conversation)
        return Found(conversation=found.conversation)

    @router.get(
        "/conversations/<conversation>",
        **openapi_options(
            role="viewer",
            summary="A conversation: its newest session, and a list of its last sessions",
            shows_customers=True,
            problems=["not-found"],
            etag=True,
        ),
    )
    def get_conversation(conversation: ConversationKey) -> Response[ShownConversation]:
        shown = service.get(dependencies, conversation)
        return response_with_etag(shown, shown.session.turn)

    @router.get(
        "/conversations/<conversation>/sessions",
        **openapi_options(
            role="viewer",
            summary="The sessions of a conversation, the newest first",
            problems=["not-found"],
        ),
    )
    def list_past_sessions(
        conversation: ConversationKey, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> Page[PastSession]:
        newest = service.load_newest(dependencies, conversation)
        return past_sessions.page(dependencies, newest, limit=limit, cursor=cursor)

    @router.get(
        "/conversations/<conversation>/turns",
        **openapi_options(
            role="viewer",
            summary="The transcript of a session, in the order of its turns",
            description="With links to its files, which are valid for five minutes.",
            shows_customers=True,
            problems=["not-found"],
        ),
    )
    def list_turns(
        conversation: ConversationKey, session: OfSession = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> Page[Turn]:
        newest = service.load_newest(dependencies, conversation).session
        page = transcript.page(dependencies, newest, session, limit=limit, cursor=cursor)
        add_audit_facts(session=session or newest.session)
        if files := sum(len(turn.media) for turn in page.items):
            add_audit_facts(files=files)  # a link is opened at S3, not here: whoever gets one counts as a reader
        return page

    @router.post(
        "/conversations/<conversation>/stop",
        **openapi_options(
            role="editor",
            summary="End the session without a message to the contact",
            description=_APPLIES,
            status=202,
            problems=["not-found", "session-not-running", "session-unreadable", "edit-conflict"],
        ),
    )
    def stop_session(conversation: ConversationKey, if_match: IfMatch = None) -> Accepted:
        return service.send_action(dependencies, "stop", conversation, optional_revision(if_match))

    @router.post(
        "/conversations/<conversation>/retry",
        **openapi_options(
            role="editor",
            summary="Enter the session's current node again",
            description=f"A waiting node asks again; an interrupted session continues. {_APPLIES}",
            status=202,
            problems=["not-found", "session-not-running", "session-unreadable", "edit-conflict"],
        ),
    )
    def retry_session(conversation: ConversationKey, if_match: IfMatch = None) -> Accepted:
        return service.send_action(dependencies, "retry", conversation, optional_revision(if_match))

    @router.post(
        "/conversations/<conversation>/give-up",
        **openapi_options(
            role="editor",
            summary="Leave the session's current node",
            description="By the exit `gave_up`, else `failed`, else `failure`; without any, the session ends with the "
            f"apology. {_APPLIES}",
            status=202,
            problems=["not-found", "session-not-running", "session-unreadable", "edit-conflict"],
        ),
    )
    def give_up_session(conversation: ConversationKey, if_match: IfMatch = None) -> Accepted:
        return service.send_action(dependencies, "give_up", conversation, optional_revision(if_match))

    @router.post(
        "/conversations/<conversation>/pause",
        **openapi_options(
            role="editor",
            summary="Pause the session, because a person talks to the contact",
            description="The bot sends nothing, deadlines stop, and files are stored. An answer by hand in the "
            f"channel's own app does the same. {_APPLIES}",
            status=202,
            problems=["not-found", "session-not-running", "edit-conflict"],
        ),
    )
    def pause_session(conversation: ConversationKey, if_match: IfMatch = None) -> Accepted:
        return service.send_action(dependencies, "pause", conversation, optional_revision(if_match))

    @router.post(
        "/conversations/<conversation>/resume",
        **openapi_options(
            role="editor",
            summary="End a pause: the session goes on where it was",
            description="A wait gets the rest of its time. A pause that began while no flow ran only ends. `retry` "
            f"ends a pause, too, and asks again. {_APPLIES}",
            status=202,
            problems=["not-found", "session-not-running", "session-not-paused", "edit-conflict"],
        ),
    )
    def resume_session(
        conversation: ConversationKey, messages: Messages = "skip", if_match: IfMatch = None
    ) -> Accepted:
        revision, applies = optional_revision(if_match), messages == "apply"
        return service.send_action(dependencies, "resume", conversation, revision, apply_messages=applies)

    return router
