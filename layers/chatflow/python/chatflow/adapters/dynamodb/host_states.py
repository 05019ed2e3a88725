"""Reads the table `hosts` for people: the cells of a host by key, a handful of rows."""

from __future__ import annotations

from collections.abc import Mapping

from chatflow.adapters.dynamodb.hosts import cell_key, read_cell
from chatflow.adapters.dynamodb.items import batch_get
from chatflow.integrations.host_health import Cell, capacities
from chatflow.integrations.host_state import HostState, host_state


class HostStates:
    """`calls_per_host` calls may be at a host at the same time whose integrations say no other number."""

    def __init__(self, hosts_table: str, calls_per_host: int) -> None:
        self._table = hosts_table
        self._calls = calls_per_host

    def read(self, hosts: Mapping[str, int], now: int) -> dict[str, HostState]:
        """The state of each host now (seconds since the epoch). `hosts`: the `at_most` of each, 0 for none.

        A cell without a row was not called in the last two days, and is closed.
        """
        shares = {host: capacities(at_most or self._calls) for host, at_most in hosts.items()}
        keys = [cell_key(host, number) for host, share in shares.items() for number in range(len(share))]
        rows = {row["cell"]["S"]: read_cell(row) for row in batch_get(self._table, keys, consistent=False)}
        return {
            host: host_state([rows.get(f"{host}#{number}", Cell()) for number in range(len(share))], share, now)
            for host, share in shares.items()
        }
