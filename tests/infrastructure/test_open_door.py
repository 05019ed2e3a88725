"""The only open routes are the webhooks, and they are throttled and logged without telling who asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.infrastructure.reading import Template, only, resources, turns_red

ROUTES = "AWS::ApiGatewayV2::Route"
STAGE = "AWS::ApiGatewayV2::Stage"


def only_webhooks_are_open(template: Template) -> None:
    open_routes = {
        route["RouteKey"]
        for route in resources(template, ROUTES).values()
        if route.get("AuthorizationType", "NONE") == "NONE"
    }
    assert open_routes == {"GET /webhooks/{channel}", "POST /webhooks/{channel}"}


def there_is_no_other_door(template: Template) -> None:
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    doors = {"AWS::Lambda::Url", "AWS::ApiGateway::RestApi", "AWS::ElasticLoadBalancingV2::LoadBalancer"}
    assert not kinds & doors
    assert len(resources(template, "AWS::ApiGatewayV2::Api")) == 1
    callers = {permission["Principal"] for permission in resources(template, "AWS::Lambda::Permission").values()}
    assert callers == {"apigateway.amazonaws.com"}


def webhooks_are_throttled(template: Template) -> None:
    settings = only(template, STAGE)["DefaultRouteSettings"]
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"] <= 1000


def the_access_log_tells_no_address(template: Template) -> None:
    told = json.loads(only(template, STAGE)["AccessLogSettings"]["Format"])
    assert {"requestId", "route", "status"} <= told.keys()
    variables = " ".join(told.values()).casefold()
    assert not [word for word in ("ip", "identity", "query", "path", "agent", "header") if f".{word}" in variables]


def _open_a_route(template: Template) -> None:
    template["Resources"]["Another"] = {"Type": ROUTES, "Properties": {"RouteKey": "GET /health"}}


def _open_everything(template: Template) -> None:
    next(iter(resources(template, ROUTES).values()))["RouteKey"] = "$default"


def _add_a_function_url(template: Template) -> None:
    template["Resources"]["Another"] = {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE"}}


def _let_anybody_call(template: Template) -> None:
    next(iter(resources(template, "AWS::Lambda::Permission").values()))["Principal"] = "*"


def _forget_the_limit(template: Template) -> None:
    only(template, STAGE)["DefaultRouteSettings"]["ThrottlingRateLimit"] = 0


def _log(variable: str) -> Any:
    def spoil(template: Template) -> None:
        settings = only(template, STAGE)["AccessLogSettings"]
        settings["Format"] = json.dumps({**json.loads(settings["Format"]), "more": variable})

    return spoil


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        (only_webhooks_are_open, _open_a_route),
        (only_webhooks_are_open, _open_everything),
        (there_is_no_other_door, _add_a_function_url),
        (there_is_no_other_door, _let_anybody_call),
        (webhooks_are_throttled, _forget_the_limit),
        (the_access_log_tells_no_address, _log("$context.identity.sourceIp")),
        (the_access_log_tells_no_address, _log("$context.path?$context.queryString")),
    ],
)
def test_the_door_is_open_for_webhooks_alone(template: Template, check: Any, spoil: Any) -> None:
    turns_red(check, template, spoil)
