"""The Lambda behind the management API; API Gateway has verified the caller's token."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from management.http.api import answer

logger = Logger(service="chatflow", use_rfc3339=True)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway (payload format 2.0)."""
    answered = answer(event, context)
    about = {"route": event.get("routeKey"), "status": answered["statusCode"]}
    logger.info("management", extra=about)
    return answered
