"""What a phone heard of a number over its rate is compared with what it should have heard."""

from __future__ import annotations

import pytest

from local.chaos.busy_number import EXPECTED, Heard, compare

FIRST, AGAIN, _, LAST = EXPECTED


@pytest.mark.parametrize(
    ("heard", "lost", "doubled", "reordered"),
    [
        ([FIRST, AGAIN, FIRST, LAST], 0, 0, False),
        ([f"{FIRST}: a photo.", AGAIN, FIRST, f"{LAST}."], 0, 0, False),
        ([], 4, 0, False),
        ([FIRST, AGAIN, FIRST], 1, 0, False),
        ([FIRST, AGAIN, LAST], 1, 0, False),
        ([FIRST, AGAIN, FIRST, LAST, LAST], 0, 1, False),
        ([FIRST, AGAIN, FIRST, LAST, "Sorry, something went wrong"], 0, 1, True),
        ([AGAIN, FIRST, FIRST, LAST], 0, 0, True),
        ([LAST, FIRST, AGAIN], 1, 0, True),
    ],
)
def test_what_was_heard_is_compared_by_number_and_order(
    heard: list[str], lost: int, doubled: int, reordered: bool
) -> None:
    assert compare(heard) == Heard(lost, doubled, reordered)
