"""Garbage collection of a function's process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

_PROGRAM = """
import gc, json
from chatflow.adapters.first_event import collecting_afterwards

seen = []

@collecting_afterwards
def handler(event, context):
    seen.append((gc.isenabled(), gc.get_freeze_count() > 0))
    if event.get("fails"):
        raise ValueError

for event in ({first}, {{}}):
    try:
        handler(event, None)
    except ValueError:
        pass
print(json.dumps(seen))
"""


def seen(first: str, **environment: str) -> Any:
    """Of two events: whether garbage is collected, and whether what was there before is left alone."""
    program = _PROGRAM.format(first=first)
    path = {"PYTHONPATH": ":".join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", program], env={**path, **environment}, capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize("first", ["{}", "{'fails': True}"])
def test_in_lambda_garbage_is_collected_after_the_first_event_however_it_ends(first: str) -> None:
    assert seen(first, LAMBDA_TASK_ROOT="/var/task") == [[False, False], [True, True]]


def test_elsewhere_nothing_changes() -> None:
    assert seen("{}") == [[True, False], [True, False]]
