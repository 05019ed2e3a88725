"""Secrets of the business through the API: list their names, set and delete them. No operation reads a value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatflow.flows.problems import Problem as FlowProblem
from chatflow.integrations.secret_hosts import host_of, may_receive, normalized_host
from chatflow.publishing.documents import file_of
from management.audit.service import add_audit_facts
from management.http.pagination import Page, decode_cursor, encode_cursor, invalid_cursor
from management.http.problems import Problem, invalid_field
from management.http.times import rfc3339
from management.secrets.models import SecretHead
from management.secrets.store import MAX_HOSTS_LENGTH

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def list_secrets(dependencies: Dependencies, limit: int, cursor: str | None) -> Page[SecretHead]:
    """A page of secrets, each with the live integrations that send it. Raises Problem (invalid-request)."""
    position = decode_cursor(cursor, "token")
    try:
        secrets, token = dependencies.secrets.page(limit, position["token"] if position else "")
    except ValueError:
        raise invalid_cursor() from None
    integrations: dict[str, list[str]] = {}
    for integration, uses in sorted(dependencies.published_index.uses("integration").items()):
        for name in uses.get("secrets", ()):
            integrations.setdefault(name, []).append(integration)
    items = [
        SecretHead(
            name=each.name,
            updated_at=rfc3339(each.changed_at),
            hosts=None if each.hosts is None else list(each.hosts),
            used_by=integrations.get(each.name, []),
        )
        for each in secrets
    ]
    return Page(items=items, next=encode_cursor(token=token) if token else None)


def put(dependencies: Dependencies, name: str, value: str, hosts: list[str] | None) -> None:
    """Set a secret, and the hosts that may receive it; None keeps them.

    Raises Problem (invalid-request) for a value that no HTTP header and no JSON could carry, and for what is no host.
    """
    if "\x00" in value or not value.strip():
        raise invalid_field("body.value", "a secret is a text that is not blank, and holds no NUL")
    stored = dependencies.secrets.put(name, value, None if hosts is None else _normalized(hosts))
    add_audit_facts(hosts="any" if stored is None else ", ".join(stored))


def warnings(dependencies: Dependencies, integration: str, url: str, secrets: Iterable[str]) -> list[FlowProblem]:
    """What is not safe about the secrets of an integration, or will not work: one warning for each secret."""
    found = []
    file = file_of(f"integration/{integration}")
    for name in sorted(secrets):
        hosts = dependencies.secrets.hosts(name)
        if hosts is None:
            advice = f"an administrator decides with `chatflow secrets set {name} --host ...`"
            message = f'{integration}: the secret "{name}" may be sent to any host; {advice}.'
            found.append(FlowProblem(file, 0, "", "", "", message, "secret-for-any-host", name))
        elif not may_receive(hosts, url):
            message = f'{integration}: the secret "{name}" may not be sent to {host_of(url)}; a call is refused.'
            found.append(FlowProblem(file, 0, "", "", "", message, "secret-for-another-host", name))
    return found


def _normalized(hosts: list[str]) -> set[str]:
    normalized = set()
    for number, host in enumerate(hosts):
        try:
            normalized.add(normalized_host(host))
        except ValueError as error:
            raise invalid_field(f"body.hosts.{number}", str(error)) from None
    if len(", ".join(normalized)) > MAX_HOSTS_LENGTH:
        raise invalid_field("body.hosts", f"all hosts together have at most {MAX_HOSTS_LENGTH} characters")
    return normalized


def delete(dependencies: Dependencies, name: str) -> None:
    """Delete a secret. Raises Problem (not-found)."""
    if not dependencies.secrets.delete(name):
        raise Problem("not-found", f'there is no secret "{name}"')
