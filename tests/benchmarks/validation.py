"""Measures the validation of a flow among a thousand published ones, through the management API."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from tests.benchmarks.deployed import PHOTO_FLOW, deployed
from tests.benchmarks.events import MANAGEMENT, VALIDATION
from tests.benchmarks.figures import Figure
from tests.benchmarks.lambdas import lambdas_over_tls
from tests.fakes.aws_operations import Stored
from tests.fakes.aws_over_tls import AwsOverTls

FLOWS: Final = 1_000


def measure(rounds: int) -> list[Figure]:
    """A list is asked for first, so that clients and connections are there. Each process has read no flow before."""

    def event(server: AwsOverTls, number: int) -> dict[str, Any]:
        return (MANAGEMENT if number == 2 else VALIDATION).event(server, number)

    seconds = []
    with lambdas_over_tls(_with_copies(deployed().stored)) as lambdas:
        for _ in range(rounds):
            run = lambdas.run(replace(MANAGEMENT, event=event), others=1)
            findings = json.loads(run.answer["body"])
            assert findings["problems"] == [], findings
            seconds.append(run.others[0])
    return [Figure(f"validate a flow among {FLOWS} published ones, processor time", 0.3, "s", tuple(seconds))]


def _with_copies(stored: Stored) -> Stored:
    """The deployment with a thousand flows more: copies of one, each under a name of its own."""
    copied = [row for row in stored.tables["flows"] if row["name"]["S"] == PHOTO_FLOW]
    text = json.dumps(copied)
    copies = [row for number in range(FLOWS) for row in json.loads(text.replace(PHOTO_FLOW, f"copy-{number:04}"))]
    return replace(stored, tables={**stored.tables, "flows": [*stored.tables["flows"], *copies]})
