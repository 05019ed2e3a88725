"""A hold that validation accepts is one that a call really gets, on every channel of the flow."""

from __future__ import annotations

import pytest

from tests.fakes.flow_folders import FlowFolder

FLOW = """chatflow: 1
flow: claims
start: ask
retention_days: {days}
nodes:
  ask:
    type: media
    direction: inbound
    prompt: A photo, please.
    accept: [image]
    save_as: photo
    exits: {{received: hand_in, gave_up: end}}
  hand_in:
    type: api_integration
    integration: {integration}
    parameters: {parameters}
    on_outage: hold
    hold_for: {hold_for}
    exits: {{success: end, failure: end}}
"""
FILE, NO_FILE = ("upload", '{file: "[[photo]]", plate: B AB 1}'), ("decide", "{plate: B AB 1}")


@pytest.mark.parametrize(
    ("channel", "days", "call", "holds"),
    [
        ("whatsapp", 30, FILE, ("23h", "")),
        ("whatsapp", 30, FILE, ("24h", "23h")),
        ("whatsapp", 30, NO_FILE, ("24h", "23h")),
        ("telegram", 30, FILE, ("7d", "")),
        ("telegram", 3, FILE, ("3d", "71h")),
        ("telegram", 6, FILE, ("5d", "71h")),  # kept by the rule for 3 days
        ("telegram", 1, NO_FILE, ("7d", "")),
    ],
)
def test_a_hold_that_is_accepted_is_one_that_a_call_gets(
    folder: FlowFolder, channel: str, days: int, call: tuple[str, str], holds: tuple[str, str]
) -> None:
    hold_for, most = holds  # what is written, and what is the most if that is too much
    flow = FLOW.format(days=days, integration=call[0], parameters=call[1], hold_for=hold_for)
    routes = f"chatflow: 1\nroutes: [{{flow: claims, channel: {channel}}}]\n"
    problems = [str(each) for each in folder.problems({"claims.yaml": flow, "routes.yaml": routes})]
    held = [each for each in problems if "hold_for" in each]
    assert len(held) == (1 if most else 0), problems
    assert all(f"write {most} at most" in each for each in held)
