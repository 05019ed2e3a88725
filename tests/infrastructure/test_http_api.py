"""The only public routes are the webhooks; all are throttled, and the access log has no address of a client."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.infrastructure.template_checks import Template, assert_detects, only, plain, resources

ROUTES = "AWS::ApiGatewayV2::Route"
STAGE = "AWS::ApiGatewayV2::Stage"
PERMISSION = "AWS::Lambda::Permission"
AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"
WEBHOOKS = {
    "GET /webhooks/{channel}",
    "POST /webhooks/{channel}",
    "GET /webhooks/{channel}/{account}",
    "POST /webhooks/{channel}/{account}",
}


def only_webhooks_are_public(template: Template) -> None:
    open_routes = {
        route["RouteKey"]
        for route in resources(template, ROUTES).values()
        if route.get("AuthorizationType", "NONE") == "NONE"
    }
    assert open_routes == WEBHOOKS


def every_other_route_requires_a_token_of_the_user_pool(template: Template) -> None:
    authorizer = only(template, AUTHORIZER)
    (id,) = resources(template, AUTHORIZER)
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    (pool,) = resources(template, "AWS::Cognito::UserPool")
    clients = resources(template, "AWS::Cognito::UserPoolClient")
    jwt = authorizer["JwtConfiguration"]
    assert plain(jwt["Issuer"]) == f"https://cognito-idp.<AWS::Region>.amazonaws.com/<{pool}>"
    assert jwt["Audience"] == [{"Ref": client} for client in clients]
    closed = [route for route in resources(template, ROUTES).values() if "/webhooks/" not in route["RouteKey"]]
    assert all(route["AuthorizationType"] == "JWT" and route["AuthorizerId"] == {"Ref": id} for route in closed)


def every_operation_has_a_route_and_nothing_else(template: Template) -> None:
    from infrastructure.api.management_api import operations

    found = {route["RouteKey"] for route in resources(template, ROUTES).values()}
    assert found - WEBHOOKS == {key for key, _ in operations()}


def no_setting_names_an_operation_that_a_later_version_may_remove(template: Template) -> None:
    assert only(template, STAGE)["RouteSettings"].keys() == WEBHOOKS


def every_operation_has_a_limit(template: Template) -> None:
    limit = only(template, STAGE)["DefaultRouteSettings"]
    assert 0 < limit["ThrottlingRateLimit"] <= limit["ThrottlingBurstLimit"] <= 100


def the_stage_waits_for_the_routes_that_its_settings_name(template: Template) -> None:
    named = only(template, STAGE)["RouteSettings"].keys()
    routes = {id for id, route in resources(template, ROUTES).items() if route["RouteKey"] in named}
    (stage,) = (each for each in template["Resources"].values() if each["Type"] == STAGE)
    assert len(routes) == len(named)
    assert routes <= set(stage["DependsOn"])


def there_is_no_other_entry_point(template: Template) -> None:
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    entry_points = {"AWS::Lambda::Url", "AWS::ApiGateway::RestApi", "AWS::ElasticLoadBalancingV2::LoadBalancer"}
    assert not kinds & entry_points
    assert len(resources(template, "AWS::ApiGatewayV2::Api")) == 1
    callers = {permission["Principal"] for permission in resources(template, "AWS::Lambda::Permission").values()}
    assert callers == {"apigateway.amazonaws.com", "events.amazonaws.com"}


def webhooks_are_throttled(template: Template) -> None:
    for route in WEBHOOKS:
        settings = only(template, STAGE)["RouteSettings"].get(route, {})
        assert 0 < settings.get("ThrottlingRateLimit", 0) <= settings.get("ThrottlingBurstLimit", 0) <= 1000


def the_access_log_has_no_address(template: Template) -> None:
    log_format = json.loads(only(template, STAGE)["AccessLogSettings"]["Format"])
    assert {"requestId", "route", "status"} <= log_format.keys()
    variables = " ".join(log_format.values()).casefold()
    assert not [word for word in ("ip", "identity", "query", "path", "agent", "header") if f".{word}" in variables]


def _open_a_route(template: Template) -> None:
    template["Resources"]["Another"] = {"Type": ROUTES, "Properties": {"RouteKey": "GET /health"}}


def _open_everything(template: Template) -> None:
    next(iter(resources(template, ROUTES).values()))["RouteKey"] = "$default"


def _route(key: str, value: Any) -> Any:
    def mutate(template: Template) -> None:
        routes = resources(template, ROUTES).values()
        next(route for route in routes if route["RouteKey"] == "GET /api/v1/me")[key] = value

    return mutate


def _trust(key: str, value: Any) -> Any:
    def mutate(template: Template) -> None:
        only(template, AUTHORIZER)["JwtConfiguration"][key] = value

    return mutate


def _limit_one_operation(template: Template) -> None:
    only(template, STAGE)["RouteSettings"]["GET /api/v1/me"] = {"ThrottlingRateLimit": 1}


def _remove_a_webhooks_limit(template: Template) -> None:
    only(template, STAGE)["RouteSettings"].popitem()


def _create_the_stage_at_once(template: Template) -> None:
    (stage,) = (each for each in template["Resources"].values() if each["Type"] == STAGE)
    stage["DependsOn"] = []


def _add_a_function_url(template: Template) -> None:
    template["Resources"]["Another"] = {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE"}}


def _let_anybody_invoke(template: Template) -> None:
    next(iter(resources(template, "AWS::Lambda::Permission").values()))["Principal"] = "*"


def _remove_the_default_limit(template: Template) -> None:
    only(template, STAGE)["DefaultRouteSettings"]["ThrottlingRateLimit"] = 0


def _log(variable: str) -> Any:
    def mutate(template: Template) -> None:
        settings = only(template, STAGE)["AccessLogSettings"]
        settings["Format"] = json.dumps({**json.loads(settings["Format"]), "more": variable})

    return mutate


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (only_webhooks_are_public, _open_a_route),
        (only_webhooks_are_public, _open_everything),
        (only_webhooks_are_public, _route("AuthorizationType", "NONE")),
        (every_other_route_requires_a_token_of_the_user_pool, _route("AuthorizationType", "AWS_IAM")),
        (every_other_route_requires_a_token_of_the_user_pool, _route("AuthorizerId", "another")),
        (every_other_route_requires_a_token_of_the_user_pool, _trust("Issuer", "https://accounts.example.com")),
        (every_other_route_requires_a_token_of_the_user_pool, _trust("Audience", [])),
        (every_operation_has_a_route_and_nothing_else, _route("RouteKey", "GET /api/v1/{anything+}")),
        (no_setting_names_an_operation_that_a_later_version_may_remove, _limit_one_operation),
        (every_operation_has_a_limit, _remove_the_default_limit),
        (the_stage_waits_for_the_routes_that_its_settings_name, _create_the_stage_at_once),
        (there_is_no_other_entry_point, _add_a_function_url),
        (there_is_no_other_entry_point, _let_anybody_invoke),
        (webhooks_are_throttled, _remove_a_webhooks_limit),
        (the_access_log_has_no_address, _log("$context.identity.sourceIp")),
        (the_access_log_has_no_address, _log("$context.path?$context.queryString")),
    ],
)
def test_only_webhooks_are_public(template: Template, check: Any, mutate: Any) -> None:
    assert_detects(check, template, mutate)


def test_the_management_function_may_be_invoked_by_its_own_routes_alone(template: Template) -> None:
    (permission,) = (each for name, each in resources(template, PERMISSION).items() if name.startswith("Management"))
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert plain(permission["SourceArn"]).endswith("/*/*/api/v1/*")


def test_no_web_page_may_call_unless_its_origin_is_configured(template: Template) -> None:
    assert "CorsConfiguration" not in only(template, "AWS::ApiGatewayV2::Api")


def test_pages_of_a_configured_origin_may_call(configured: Template) -> None:
    cors = only(configured, "AWS::ApiGatewayV2::Api")["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://console.example.com"]
    assert {"authorization", "if-match", "idempotency-key"} <= set(cors["AllowHeaders"])
    assert {"etag", "idempotency-replayed"} == set(cors["ExposeHeaders"])
    assert not cors.get("AllowCredentials")
