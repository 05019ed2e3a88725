"""The Lambda that tries an integration for the management API, which may not read secrets itself."""

from __future__ import annotations

from typing import Any

from chatflow.logs import logger
from chatflow.settings import IntegrationTrialSettings
from integration_trial.dependencies import Dependencies
from integration_trial.run import run_trial


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Make the call that `event` describes (see `run_trial`), and return its report."""
    report = run_trial(event, Dependencies.deployed(IntegrationTrialSettings.from_environment()))
    about = {"integration": event["integration"]["name"], "exit": report["exit"], "reason": report["reason"]}
    logger.info("trial", extra=about)
    return report
