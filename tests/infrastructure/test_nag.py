"""cdk-nag stops the synth: every finding is waived with a reason, and a new finding is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.template_checks import flags

pytestmark = pytest.mark.slow


def _findings(folder: Path, *, mutated: bool, **context: str) -> list[dict[str, Any]]:
    from aws_cdk import App
    from aws_cdk import aws_sqs as sqs

    from infrastructure.configuration import read_configuration
    from infrastructure.security.nag import check_with_nag
    from infrastructure.stack import Chatflow

    app = App(outdir=str(folder), context={**flags(), "target": "local", **context})
    stack = Chatflow(app, read_configuration(app.node))
    if mutated:
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
    "context",
    [
        {},
        {"kms": "true", "malware_scanning": "guardduty"},
        {"malware_scanning": "clamav", "clamd": "clamd.internal:3310"},
    ],
)
def test_every_finding_is_waived_with_its_reason(context: dict[str, str], tmp_path: Path) -> None:
    assert _findings(tmp_path, mutated=False, **context) == []


def test_a_new_finding_stops_the_synth(tmp_path: Path) -> None:
    assert {finding["ruleName"] for finding in _findings(tmp_path, mutated=True)} == {
        "AwsSolutions-SQS3",
        "AwsSolutions-SQS4",
        "Serverless-SQSRedrivePolicy",
    }


def test_no_waiver_is_without_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from aws_cdk import App

    from infrastructure.configuration import read_configuration
    from infrastructure.security import nag
    from infrastructure.stack import Chatflow

    waivers: list[tuple[str, str]] = []
    monkeypatch.setattr(nag, "waive", lambda _, rule, reason: waivers.append((rule, reason)))
    app = App(outdir=str(tmp_path), context={**flags(), "target": "local"})
    Chatflow(app, read_configuration(app.node))
    assert len(waivers) > 20
    assert [rule for rule, reason in waivers if len(reason.split()) < 6] == []
