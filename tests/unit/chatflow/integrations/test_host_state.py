"""What people see of a host, by its cells."""

from __future__ import annotations

import pytest

from chatflow.integrations.host_health import Cell, lease
from chatflow.integrations.host_state import HostState, host_state

NOW = 1_760_000_000
BUSY = Cell(leases=frozenset({lease("a", NOW + 20), lease("b", NOW + 20), lease("dead", NOW - 1)}))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([Cell(), Cell()], HostState("closed", 0, 0, 2, 0, 8)),
        ([BUSY, Cell()], HostState("closed", 0, 0, 2, 2, 8)),
        ([Cell(open_until=NOW + 3), BUSY], HostState("open", NOW + 3, 1, 2, 2, 8)),
        ([Cell(open_until=NOW + 3), Cell(open_until=NOW + 5)], HostState("open", NOW + 5, 2, 2, 0, 8)),
        ([Cell(open_until=NOW), Cell()], HostState("half_open", 0, 0, 2, 0, 8)),
        ([Cell(open_until=NOW + 86_400), Cell()], HostState("half_open", 0, 0, 2, 0, 8)),  # of a clock that was wrong
    ],
)
def test_a_host_is_as_open_as_its_cells(cells: list[Cell], expected: HostState) -> None:
    assert host_state(cells, [4, 4], NOW) == expected
