"""cdk-nag stops the synth: nothing is found that is not waived, and something new is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk import aws_sqs as sqs

from infrastructure.configuration import configuration
from infrastructure.security import nag as waivers
from infrastructure.security.nag import check_with_nag
from infrastructure.stack import Chatflow
from tests.infrastructure.reading import flags


def _findings(folder: Path, *, spoiled: bool, **said: str) -> list[dict[str, Any]]:
    app = App(outdir=str(folder), context={**flags(), "target": "local", **said})
    stack = Chatflow(app, configuration(app.node))
    if spoiled:
        sqs.Queue(stack, "Open")
    check_with_nag(app)
    try:
        app.synth()
    except RuntimeError as problem:
        assert "ValidationFailed" in str(problem)
    path = folder / "validation-report.json"
    report = json.loads(path.read_text()) if path.exists() else {"pluginReports": []}
    return [finding for plugin in report["pluginReports"] for finding in plugin["violations"]]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kms": "true", "malware_scanning": "guardduty"},
        {"malware_scanning": "clamav", "clamd": "clamd.internal:3310"},
    ],
)
def test_every_finding_is_waived_with_its_reason(said: dict[str, str], tmp_path: Path) -> None:
    assert _findings(tmp_path, spoiled=False, **said) == []


def test_a_new_finding_stops_the_synth(tmp_path: Path) -> None:
    assert {finding["ruleName"] for finding in _findings(tmp_path, spoiled=True)} == {
        "AwsSolutions-SQS3",
        "AwsSolutions-SQS4",
        "Serverless-SQSRedrivePolicy",
    }


def test_no_waiver_is_without_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given: list[tuple[str, str]] = []
    monkeypatch.setattr(waivers, "_waive", lambda _, rule, reason: given.append((rule, reason)))
    app = App(outdir=str(tmp_path), context={**flags(), "target": "local"})
    Chatflow(app, configuration(app.node))
    assert len(given) > 20
    assert [rule for rule, reason in given if len(reason.split()) < 6] == []
