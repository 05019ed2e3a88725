"""How many conversations may take a turn at the same time, by the account's limit."""

from __future__ import annotations

import pytest

from chatflow_cli.doctor.concurrency import check_reserved, choose_concurrency
from chatflow_cli.doctor.refusal import Refusal


@pytest.mark.parametrize(("limit", "concurrency"), [(1000, 50), (102, 50), (101, 49), (10, 4), (6, 2)])
def test_the_default_concurrency_leaves_room_for_nodes_and_webhooks(limit: int, concurrency: int) -> None:
    assert choose_concurrency(limit, None) == concurrency
    assert 2 * concurrency + 2 <= limit


@pytest.mark.parametrize(("limit", "asked"), [(10, 5), (1000, 500), (5, None), (3, 2)])
def test_a_concurrency_that_would_starve_the_nodes_is_refused(limit: int, asked: int | None) -> None:
    with pytest.raises(Refusal, match="Service Quotas"):
        choose_concurrency(limit, asked)


@pytest.mark.parametrize(("limit", "asked"), [(10, 4), (1000, 499)])
def test_a_concurrency_that_fits_is_taken(limit: int, asked: int) -> None:
    assert choose_concurrency(limit, asked) == asked


def test_nothing_is_reserved_from_an_account_that_has_no_more_than_lambda_keeps() -> None:
    check_reserved(150, 50)
    check_reserved(10, 0)
    with pytest.raises(Refusal, match="keeps 100"):
        check_reserved(149, 50)
