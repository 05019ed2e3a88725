"""The erasure of a contact through the API: request it, and read its result."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from chatflow.conversation.events import erase_event
from management.audit.service import add_audit_facts
from management.contacts.models import Erasure, ErasureAccepted, Removed
from management.conversations.lookup import identify
from management.conversations.models import Whose
from management.http.problems import Problem
from management.http.times import rfc3339

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def erase(dependencies: Dependencies, whose: Whose) -> ErasureAccepted:
    """Queue the erasure of everything about a contact. Raises Problem (invalid-request)."""
    found = identify(dependencies, whose.channel, whose.account, whose.contact)
    now = int(dependencies.clock())
    event = erase_event(secrets.token_hex(8), found.conversation, now, found.keys)
    others = [erase_event(secrets.token_hex(8), each, now) for each in found.others]
    add_audit_facts(conversation=found.conversation)
    dependencies.send_events([event, *others])
    return ErasureAccepted(
        conversation=found.conversation,
        event=event["id"],
        asked_at=rfc3339(now),
        others=list(found.others),
        earlier=list(found.earlier),
    )


def get_erasure(dependencies: Dependencies, conversation: str) -> Erasure:
    """The result of a conversation's last erasure. Raises Problem (not-found)."""
    result = dependencies.transcripts.erasure(conversation)
    if result is None:
        raise Problem("not-found", "no erasure of this conversation has begun in the last 15 days")
    return Erasure(
        conversation=conversation,
        asked_at=rfc3339(result["at"]),
        done=result["done"],
        removed=Removed(**result["removed"]),
    )
