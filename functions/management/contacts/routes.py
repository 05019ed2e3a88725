"""Routes of the contacts: erase everything about one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.contacts import service
from management.contacts.models import Erasure, ErasureAccepted
from management.conversations.models import ConversationKey, Whose
from management.http.openapi import openapi_options

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/contacts/erase` and of the erasure of a conversation."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.post(
        "/contacts/erase",
        **openapi_options(
            role="admin",
            summary="Erase everything about a contact",
            description="By any of the contact's addresses, for all of them. The session ends without a message; rows, "
            "files and dead letters are deleted. It cannot be undone. The erasure is an event like any other: it is "
            "applied after the messages that the contact wrote before, and a later message starts anew. "
            "docs/privacy.md lists what remains until it expires.",
            status=202,
        ),
    )
    def erase_contact(whose: Whose) -> ErasureAccepted:
        return service.erase(dependencies, whose)

    @router.get(
        "/conversations/<conversation>/erasure",
        **openapi_options(
            role="viewer",
            summary="The result of a conversation's last erasure",
            problems=["not-found"],
        ),
    )
    def get_erasure(conversation: ConversationKey) -> Erasure:
        return service.get_erasure(dependencies, conversation)

    return router
