"""Channels through the API: which live flows do not fit one. It changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatflow.flows.channels import known_channels
from management.flows.models import Finding, Findings
from management.http.problems import Problem
from management.publishing.service import live_project

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def flow_problems(dependencies: Dependencies, channel: str) -> Findings:
    """What the channel would show otherwise than the live flows say it. Raises Problem (not-found)."""
    if channel not in known_channels():
        raise Problem("not-found", f'there is no channel "{channel}"; there is: {", ".join(known_channels())}')
    problems, warnings = live_project(dependencies).problems_on(channel)
    return Findings(
        problems=[Finding(**each.to_json()) for each in problems],
        warnings=[str(each) for each in warnings],
        warnings_found=[Finding(**each.to_json()) for each in warnings],
    )
