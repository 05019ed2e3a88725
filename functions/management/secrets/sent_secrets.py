"""Which secrets an integration sends to which host: facts for the audit, and warnings for authors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chatflow.flows.problems import Problem as FlowProblem
from chatflow.flows.template_references import uses
from chatflow.integrations.secret_hosts import host_of
from management.audit.service import add_audit_facts
from management.secrets import service as secrets

if TYPE_CHECKING:
    from management.dependencies import Dependencies

_TEMPLATES = ("url", "headers", "query", "request", "response")


def secrets_of(definition: Mapping[str, Any]) -> list[str]:
    """The names of the secrets in a definition, as it is published."""
    templates = {name: definition[name] for name in _TEMPLATES if name in definition}
    return sorted({each.name for _path, each in uses(templates) if each.source == "secret"})


def record(dependencies: Dependencies, definition: Mapping[str, Any]) -> list[FlowProblem]:
    """Add the host, the secrets and a digest of a definition to the audit row, and return the warnings about them.

    The digest is that of the published form: the same for a trial and for the version that was published from it.
    """
    names = secrets_of(definition)
    content = {name: value for name, value in definition.items() if name != "version"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    add_audit_facts(
        host=host_of(definition["url"]),
        secrets=", ".join(names),
        sha256=hashlib.sha256(canonical.encode()).hexdigest(),
    )
    undecided = [name for name in names if dependencies.secrets.hosts(name) is None]
    if undecided:
        add_audit_facts(secrets_for_any_host=", ".join(undecided))
    return warnings(dependencies, definition)


def warnings(dependencies: Dependencies, definition: Mapping[str, Any]) -> list[FlowProblem]:
    """What is not safe about the secrets of a definition, or will not work."""
    return secrets.warnings(dependencies, definition["name"], definition["url"], secrets_of(definition))
