"""The business's API is in trouble: nobody else notices, nothing is lost, and each customer is told once.

`CHATFLOW_OUTAGE_SECONDS=300 CHATFLOW_OUTAGE_UPLOADS=50` makes the outage as long and as wide as that; the defaults keep
the suite short.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.business_api.client import Business
from local.chaos.isolation import DOWN, HANGS, play
from local.description import Description

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SECONDS = float(os.environ.get("CHATFLOW_OUTAGE_SECONDS", "10"))
UPLOADS = int(os.environ.get("CHATFLOW_OUTAGE_UPLOADS", "8"))


@pytest.mark.parametrize("fault", [HANGS, DOWN], ids=["hangs", "answers 503"])
def test_uploads_that_hang_slow_nobody_else_and_arrive_once(
    stack: Description,
    business: Business,
    samples: Path,
    fault: dict[str, Any],
    record_property: Callable[[str, object], None],
) -> None:
    photo = samples / "photo-1.jpg"
    played = play(business, stack.handset_url, fault, uploads=UPLOADS, seconds=SECONDS, photo=photo)

    record_property("isolation", str(played))  # the times are for people: no test asserts them
    assert played.clean, str(played)
