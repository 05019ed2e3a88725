"""The Lambda function behind the management API. API Gateway has verified the caller's token."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from chatflow.adapters.first_event import collecting_afterwards
from chatflow.settings import ManagementSettings
from management.api import ManagementApi
from management.dependencies import Dependencies

logger = Logger(service="chatflow", use_rfc3339=True)


@collecting_afterwards
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway (payload format 2.0)."""
    response = _api().handle(event, context)
    logger.info("management", extra={"route": event.get("routeKey"), "status": response["statusCode"]})
    return response


@cache
def _api() -> ManagementApi:
    """The deployment's API, built at the first request: the environment is not read at import."""
    return ManagementApi(Dependencies(ManagementSettings.from_environment()))
