"""Hosts through the API: those that live integrations name, and those for which calls are held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatflow.integrations.host_health import host_of
from management.hosts.models import Host
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.http.times import rfc3339

if TYPE_CHECKING:
    from management.dependencies import Dependencies

_INTEGRATIONS_AT_ONCE: Final = 100


def list_hosts(dependencies: Dependencies, limit: int, cursor: str | None) -> Page[Host]:
    """A page of hosts by name. Raises Problem (invalid-request)."""
    position = decode_cursor(cursor, "after")
    after = position["after"] if position else ""
    used, at_most = _hosts_of_integrations(dependencies)
    held = dependencies.held_sessions.counts()
    hosts = sorted(host for host in {*used, *held} if host > after)
    page = hosts[:limit]
    states = dependencies.host_states.read({host: at_most.get(host, 0) for host in page}, int(dependencies.clock()))
    items = [
        Host(
            host=host,
            breaker=state.breaker,
            until=rfc3339(state.until) if state.until else None,
            open_cells=state.open_cells,
            cells=state.cells,
            in_use=state.in_use,
            slots=state.slots,
            held=held.get(host, 0),
            integrations=used.get(host, []),
        )
        for host, state in states.items()
    ]
    return Page(items=items, next=encode_cursor(after=page[-1]) if len(hosts) > limit else None)


def _hosts_of_integrations(dependencies: Dependencies) -> tuple[dict[str, list[str]], dict[str, int]]:
    """The live integrations of each host, and the `at_most` of a host that has one."""
    index = dependencies.published_index
    used: dict[str, list[str]] = {}
    at_most: dict[str, int] = {}
    after = ""
    while True:
        names = [each.name for each in index.page("integration", after=after, limit=_INTEGRATIONS_AT_ONCE)]
        documents = index.documents(f"integration/{name}" for name in names)
        for name in names:
            if document := documents.get(f"integration/{name}"):
                host = host_of(document["url"])
                used.setdefault(host, []).append(name)
                if document.get("at_most"):
                    at_most[host] = int(document["at_most"])
        if len(names) < _INTEGRATIONS_AT_ONCE:
            break
        after = names[-1]
    return used, at_most
