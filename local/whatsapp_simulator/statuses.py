"""Statuses of what the business sent: sent, delivered, read, in that order or in another."""

from __future__ import annotations

import asyncio

from local.whatsapp_simulator.handset import Handset
from local.whatsapp_simulator.identity import recipient_part
from local.whatsapp_simulator.message import Message
from local.whatsapp_simulator.refusals import Refusal
from local.whatsapp_simulator.webhook_payloads import status_part

RANK = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 4}


def report_statuses(handset: Handset, message: Message, tracker: str = "", refusal: Refusal | None = None) -> None:
    """Report what the settings say becomes of a message, one status after another; returns at once."""
    handset.webhooks.in_background(_report(handset, message, tracker, refusal))


def report_status(
    handset: Handset, message: Message, status: str, tracker: str = "", refusal: Refusal | None = None
) -> None:
    """Report one status; what the customer sees never moves backwards."""
    if message.direction == "out" and RANK.get(status, 0) > RANK.get(message.status, 0):
        message.status = status
        message.error = str(refusal) if refusal else ""
        handset.conversations.touch(message)
    username = handset.conversations.contact(message.contact).username
    recipient = recipient_part(message.contact, username, with_user_id=handset.settings.user_ids_in_webhooks)
    part = status_part(message, status, recipient, handset.clock(), tracker=tracker, refusal=refusal)
    handset.report("statuses", part, message.contact, message.wamid)


async def _report(handset: Handset, message: Message, tracker: str, refusal: Refusal | None) -> None:
    settings = handset.settings
    statuses = ["failed"] if refusal else list(settings.statuses)
    if settings.statuses_unordered:
        statuses.reverse()
    for status in statuses:
        await asyncio.sleep(settings.status_delay)
        report_status(handset, message, status, tracker, refusal)
