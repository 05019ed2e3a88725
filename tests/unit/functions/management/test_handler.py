"""The Lambda function: it answers with the API, and writes one line to the log for each request."""

from __future__ import annotations

import pytest

from management import handler
from management.api import ManagementApi
from tests.fakes.api_client import LambdaContext


def test_a_request_is_answered_and_logged(
    api: ManagementApi, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(handler, "_api", lambda: api)
    event = {
        "routeKey": "GET /api/v1/me",
        "rawPath": "/api/v1/me",
        "requestContext": {"requestId": "r-1", "http": {"method": "GET"}},
    }
    assert handler.lambda_handler(event, LambdaContext())["statusCode"] == 401
    line = vars(caplog.records[-1])
    assert (line["message"], line["route"], line["status"]) == ("management", "GET /api/v1/me", 401)


def test_the_deployments_api_is_built_once_and_without_aws() -> None:
    handler._api.cache_clear()
    assert handler._api() is handler._api()
