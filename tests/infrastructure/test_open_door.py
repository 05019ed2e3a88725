"""The only open routes are the webhooks, and they are throttled and logged without telling who asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infrastructure.api.management_api import operations
from tests.infrastructure.reading import Template, only, plain, resources, turns_red

ROUTES = "AWS::ApiGatewayV2::Route"
STAGE = "AWS::ApiGatewayV2::Stage"
PERMISSION = "AWS::Lambda::Permission"
AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"


def only_webhooks_are_open(template: Template) -> None:
    open_routes = {
        route["RouteKey"]
        for route in resources(template, ROUTES).values()
        if route.get("AuthorizationType", "NONE") == "NONE"
    }
    assert open_routes == {"GET /webhooks/{channel}", "POST /webhooks/{channel}"}


def every_other_route_asks_for_a_token_of_our_users(template: Template) -> None:
    authorizer = only(template, AUTHORIZER)
    (id,) = resources(template, AUTHORIZER)
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    (pool,) = resources(template, "AWS::Cognito::UserPool")
    (client,) = resources(template, "AWS::Cognito::UserPoolClient")
    told = authorizer["JwtConfiguration"]
    assert plain(told["Issuer"]) == f"https://cognito-idp.<AWS::Region>.amazonaws.com/<{pool}>"
    assert told["Audience"] == [{"Ref": client}]
    closed = [route for route in resources(template, ROUTES).values() if "/webhooks/" not in route["RouteKey"]]
    assert all(route["AuthorizationType"] == "JWT" and route["AuthorizerId"] == {"Ref": id} for route in closed)


def every_operation_is_reached_and_nothing_else(template: Template) -> None:
    reached = {route["RouteKey"] for route in resources(template, ROUTES).values()}
    webhooks = {"GET /webhooks/{channel}", "POST /webhooks/{channel}"}
    assert reached - webhooks == {key for key, _ in operations()}


def every_operation_has_a_limit_of_its_own(template: Template) -> None:
    limits = only(template, STAGE)["RouteSettings"]
    assert limits.keys() == {key for key, _ in operations()}
    assert all(0 < each["ThrottlingRateLimit"] <= each["ThrottlingBurstLimit"] <= 100 for each in limits.values())


def there_is_no_other_door(template: Template) -> None:
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    doors = {"AWS::Lambda::Url", "AWS::ApiGateway::RestApi", "AWS::ElasticLoadBalancingV2::LoadBalancer"}
    assert not kinds & doors
    assert len(resources(template, "AWS::ApiGatewayV2::Api")) == 1
    callers = {permission["Principal"] for permission in resources(template, "AWS::Lambda::Permission").values()}
    assert callers == {"apigateway.amazonaws.com", "events.amazonaws.com"}


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


def _route(key: str, value: Any) -> Any:
    def spoil(template: Template) -> None:
        found = resources(template, ROUTES).values()
        next(route for route in found if route["RouteKey"] == "GET /api/v1/me")[key] = value

    return spoil


def _trust(key: str, value: Any) -> Any:
    def spoil(template: Template) -> None:
        only(template, AUTHORIZER)["JwtConfiguration"][key] = value

    return spoil


def _forget_a_limit(template: Template) -> None:
    only(template, STAGE)["RouteSettings"].popitem()


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
        (only_webhooks_are_open, _route("AuthorizationType", "NONE")),
        (every_other_route_asks_for_a_token_of_our_users, _route("AuthorizationType", "AWS_IAM")),
        (every_other_route_asks_for_a_token_of_our_users, _route("AuthorizerId", "another")),
        (every_other_route_asks_for_a_token_of_our_users, _trust("Issuer", "https://accounts.example.com")),
        (every_other_route_asks_for_a_token_of_our_users, _trust("Audience", [])),
        (every_operation_is_reached_and_nothing_else, _route("RouteKey", "GET /api/v1/{anything+}")),
        (every_operation_has_a_limit_of_its_own, _forget_a_limit),
        (there_is_no_other_door, _add_a_function_url),
        (there_is_no_other_door, _let_anybody_call),
        (webhooks_are_throttled, _forget_the_limit),
        (the_access_log_tells_no_address, _log("$context.identity.sourceIp")),
        (the_access_log_tells_no_address, _log("$context.path?$context.queryString")),
    ],
)
def test_the_door_is_open_for_webhooks_alone(template: Template, check: Any, spoil: Any) -> None:
    turns_red(check, template, spoil)


def test_the_function_may_be_called_by_its_own_routes_alone(template: Template) -> None:
    (permission,) = (each for name, each in resources(template, PERMISSION).items() if name.startswith("Management"))
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert plain(permission["SourceArn"]).endswith("/*/*/api/v1/*")


def test_no_page_may_call_unless_its_origin_is_named(template: Template) -> None:
    assert "CorsConfiguration" not in only(template, "AWS::ApiGatewayV2::Api")
    assert "CorsConfiguration" not in only(template, "AWS::S3::Bucket", "StorageLibrary")


def test_pages_of_a_named_origin_may_call_and_upload(told: Template) -> None:
    cors = only(told, "AWS::ApiGatewayV2::Api")["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://console.example.com"]
    assert {"authorization", "if-match", "idempotency-key"} <= set(cors["AllowHeaders"])
    assert {"etag", "idempotency-replayed"} == set(cors["ExposeHeaders"])
    assert not cors.get("AllowCredentials")
    (rule,) = only(told, "AWS::S3::Bucket", "StorageLibrary")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://console.example.com"]
    assert "POST" in rule["AllowedMethods"]
