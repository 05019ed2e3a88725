"""The Lambda that tries an integration for the management API, which may not read secrets itself."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from chatflow.settings import IntegrationTrialSettings
from integration_trial.dependencies import World
from integration_trial.run import run

logger = Logger(service="chatflow", use_rfc3339=True)


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Make the call that `event` describes (see `trial.run`), and tell what it came to."""
    told = run(event, World.deployed(IntegrationTrialSettings.from_environment()))
    about = {"integration": event["integration"]["name"], "exit": told["exit"], "reason": told["reason"]}
    logger.info("trial", extra=about)
    return told
