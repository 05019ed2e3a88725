"""Contacts: erase everything about one."""

from __future__ import annotations

import secrets

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field

from chatflow.conversation.events import erase_event
from management.audit import service
from management.conversations.models import Whose
from management.conversations.routes import Conversation
from management.dependencies import Dependencies
from management.http.openapi import openapi_options
from management.http.problems import Problem
from management.http.times import Time, rfc3339
from management.sessions.routes import Accepted, conversation_of


class ErasureAccepted(Accepted):
    """The erasure is queued; what came of it stands in the conversation's `erasure`."""

    asked_at: Time = Field(description="That erasure's `asked_at`, once it has begun.")


class Removed(BaseModel):
    """How much there was of each."""

    sessions: int = Field(default=0, description="The newest session, with its variables and the contact's address.")
    turns: int = Field(default=0, description="Turn records: the transcript.")
    letters: int = Field(default=0, description="Notes of why events failed.")
    dead_letters: int = Field(default=0, description="Events in the dead-letter queues.")
    effects: int = Field(default=0, description="What was sent, and what the business's API answered.")
    deliveries: int = Field(default=0, description="What became of messages.")
    files: int = Field(default=0, description="Files, and every version of them.")
    schedules: int = Field(default=0, description="Deadlines that were still ahead.")


class Erasure(BaseModel):
    """What came of the last erasure of a conversation. It is remembered for 15 days."""

    conversation: str
    asked_at: Time = Field(description="Everything of before is gone, or goes.")
    done: bool = Field(description="False while it is under way.")
    removed: Removed


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.post(
        "/contacts/erase",
        **openapi_options(
            role="admin",
            summary="Erase everything about a contact",
            description="Their session ends without a word; rows, files and dead letters go. It cannot be undone. An "
            "event like others: it comes after what the contact wrote before, and what they write later begins anew. "
            "docs/privacy.md says what remains until it expires.",
            status=202,
        ),
    )
    def erase_contact(whose: Whose) -> ErasureAccepted:
        conversation, _ = conversation_of(dependencies, whose.channel, whose.account, whose.contact)
        now = int(dependencies.clock())
        event = erase_event(secrets.token_hex(8), conversation, now)
        service.add_audit_facts(conversation=conversation)
        dependencies.send_events([event])
        return ErasureAccepted(conversation=conversation, event=event["id"], asked_at=rfc3339(now))

    @router.get(
        "/conversations/<conversation>/erasure",
        **openapi_options(
            role="viewer",
            summary="What was erased of a conversation, and whether all is gone",
            problems=["not-found"],
        ),
    )
    def get_erasure(conversation: Conversation) -> Erasure:
        found = dependencies.transcripts.erasure(conversation)
        if found is None:
            raise Problem("not-found", "no erasure of this conversation has begun in the last 15 days")
        return Erasure(
            conversation=conversation,
            asked_at=rfc3339(found["at"]),
            done=found["done"],
            removed=Removed(**found["removed"]),
        )

    return router
