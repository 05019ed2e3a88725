"""One whole conversation on the local stack: the damage report, with photos in, an API call, and a document out."""

from __future__ import annotations

from pathlib import Path

from local.business_api.client import Business
from local.demo.conversations import CONVERSATIONS, ConversationContext
from local.simulator.phone import Phone
from tests.journeys.channels import on_every_channel

TITLE = "The whole damage report"


@on_every_channel
def test_the_whole_damage_report(phone: Phone, business: Business, samples: Path) -> None:
    context = ConversationContext(phone, business, samples, Path(__file__).parents[2] / "flows" / "assets")
    CONVERSATIONS[TITLE](context)
    assert context.transfers
    assert [transfer for transfer in context.transfers if not transfer.intact] == []
