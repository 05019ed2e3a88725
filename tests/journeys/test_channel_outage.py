"""The channel refuses what we send, for a while: every file still reaches the business, and every message the customer.

`CHATFLOW_OUTAGE_SECONDS=180` makes the outage as long as that; the default keeps the suite short.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.business_api.client import Business, sha256
from local.description import Description
from local.whatsapp_simulator.phone import Phone

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SECONDS = float(os.environ.get("CHATFLOW_OUTAGE_SECONDS", "5"))
LIMIT = {"status": 429, "code": 130429, "times": 10_000}
FAILS_BEFORE = {"status": 503, "code": 131016, "times": 10_000}
QUESTIONS = ["Got it. Now the second one.", "And the third", "Thank you"]
FAILS_AFTER = {**FAILS_BEFORE, "after": True}


@dataclass(frozen=True)
class Trouble:
    """The customer, the business, and a channel that fails on request."""

    phone: Phone
    business: Business
    stack: Description

    def plan(self, faults: dict[str, Any]) -> None:
        """Plan faults of the channel; `{}` ends them."""
        httpx.post(f"{self.stack.handset_url}/handset/faults", json=faults, trust_env=False).raise_for_status()


@pytest.fixture
def trouble(phone: Phone, business: Business, stack: Description) -> Iterator[Trouble]:
    trouble = Trouble(phone, business, stack)
    yield trouble
    trouble.plan({})


@pytest.mark.parametrize("fault", [LIMIT, FAILS_BEFORE, FAILS_AFTER], ids=["429", "503", "503 after the effect"])
def test_an_album_of_three_photos_arrives_while_the_channel_refuses_our_messages(
    trouble: Trouble, samples: Path, eventually: Callable[..., Any], fault: dict[str, Any]
) -> None:
    phone, business = trouble.phone, trouble.business
    photos = [samples / f"photo-{number}.jpg" for number in (1, 2, 3)]
    phone.say("files")
    phone.receive(1, within=60)
    trouble.plan({"send": fault})
    phone.send(*photos, kind="image")
    ends = time.monotonic() + SECONDS
    eventually(lambda: time.monotonic() >= ends, within=SECONDS + 5)
    trouble.plan({})

    uploads = eventually(lambda: business.uploads() if len(business.uploads()) == 3 else None, within=240)

    assert {upload["sha256"] for upload in uploads} == {sha256(photo.read_bytes()) for photo in photos}
    if fault is FAILS_BEFORE and SECONDS > 15:
        return  # what failed twice stays in doubt, and is not sent a third time
    eventually(lambda: any("all three have arrived" in message["text"] for message in phone.poll()), within=400)
    later = [message["text"] for message in phone.poll()]
    in_order = [next(each for each in QUESTIONS if text.startswith(each)) for text in dict.fromkeys(later)]
    assert in_order == QUESTIONS
    assert max(Counter(later).values()) <= 2
    assert fault is not LIMIT or len(later) == len(QUESTIONS)
