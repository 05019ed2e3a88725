"""In every region that botocore knows, our client calls the address that botocore calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from botocore.endpoint_provider import EndpointProvider

from chatflow.adapters.aws import botocore_clients, operations, settings
from chatflow.adapters.aws.calls import AwsClient
from chatflow.adapters.aws.emulation import is_emulated
from tests.unit.chatflow.adapters.aws.captured import botocore_session, of_ours

SERVICES: Final = sorted(operations.SERVICES)
PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f")
# One of each kind: the oldest, another, China, government, a partition of its own.
FEW_REGIONS: Final = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1")
CALLS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "dynamodb": ("get_item", {"TableName": "t", "Key": {}}),
    "sqs": ("delete_message", {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q", "ReceiptHandle": "r"}),
    "secretsmanager": ("get_secret_value", {"SecretId": "s"}),
    "stepfunctions": ("start_sync_execution", {"stateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:m"}),
    "scheduler": ("delete_schedule", {"Name": "n", "ClientToken": "t"}),
    "s3": ("get_object", {"Bucket": "media", "Key": "k"}),
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    names = ("AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", *settings._UNUSUAL_ENDPOINTS)
    for name in (*names, "AWS_CONFIG_FILE", "AWS_PROFILE", "HTTPS_PROXY", "https_proxy", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    # One session for all, since it has read the models; a client of it reads the environment when it is made.
    monkeypatch.setattr(botocore_clients, "session", botocore_session)
    made = botocore_clients.botocore_client
    made.cache_clear()
    yield
    made.cache_clear()


def url_of_ours(service: str, parameters: dict[str, Any] | None = None) -> str:
    method, usual = CALLS[service]
    return of_ours(AwsClient(service, read_timeout=1, attempts=1, endpoint=""), method, parameters or usual).url


def url_of_botocore(service: str, parameters: dict[str, Any] | None = None) -> str:
    """By the client that we would use without ours."""
    method, usual = CALLS[service]
    made = botocore_clients.botocore_client(service)
    sent: list[str] = []

    def capture(request: Any, **_: Any) -> None:
        sent.append(request.url.partition("?")[0])
        raise InterruptedError

    made.meta.events.register("before-send", capture)
    with pytest.raises(InterruptedError):
        getattr(made, method)(**(parameters or usual))
    made.meta.events.unregister("before-send", capture)
    return sent[0]


@pytest.mark.parametrize("service", SERVICES)
def test_the_endpoint_is_the_one_of_botocore_in_every_region(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By botocore's rules, without a client for each: only the few regions of rare partitions need one of ours."""
    loader = botocore_session().get_component("data_loader")
    rules = loader.load_service_model(service, "endpoint-rule-set-1")
    provider = EndpointProvider(rules, loader.load_data("partitions"))
    regions = {
        region
        for partition in PARTITIONS
        for region in botocore_session().get_available_regions(
            "dynamodb" if service == "apigatewaymanagementapi" else service, partition
        )
    }
    assert len(regions) > 30
    made: list[str] = []
    monkeypatch.setattr(botocore_clients, "botocore_client", lambda asked: made.append(asked) or _Endpoint())
    for region in sorted(regions):
        expected = provider.resolve_endpoint(Region=region, UseFIPS=False, UseDualStack=False).url
        found = settings.endpoint(service, operations.SERVICES[service].host, region)
        usual = expected.endswith((".amazonaws.com", ".amazonaws.com.cn"))
        assert found == (expected if usual else _Endpoint.meta.endpoint_url), region
    assert len(made) < len(regions) / 4


class _Endpoint:
    class meta:
        endpoint_url = "asked botocore"


@pytest.mark.parametrize("region", FEW_REGIONS)
@pytest.mark.parametrize("service", sorted(CALLS))
def test_a_call_goes_where_botocores_goes(service: str, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    assert url_of_ours(service) == url_of_botocore(service)


@pytest.mark.parametrize("setting", settings._UNUSUAL_ENDPOINTS)
@pytest.mark.parametrize("service", ["dynamodb", "s3", "stepfunctions", "sqs"])
def test_endpoints_of_fips_and_of_two_stacks(service: str, setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")
    monkeypatch.setenv(setting, "true")
    found = url_of_ours(service)
    assert found == url_of_botocore(service)
    assert "fips" in found or "api.aws" in found or "dualstack" in found


@pytest.mark.parametrize("bucket", ["media", "with.dot", "a-b-c", "x" * 63, "123"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1"])
def test_a_bucket_is_named_by_the_host_where_the_certificate_covers_it(
    bucket: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    parameters = {"Bucket": bucket, "Key": "a b/c"}
    assert url_of_ours("s3", parameters) == url_of_botocore("s3", parameters)


@pytest.mark.parametrize("variables", [
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/base/"},
    {"AWS_ENDPOINT_URL": "https://aws.example.com", "AWS_ENDPOINT_URL_{}": "https://one.example.com:8443"},
    {"AWS_ENDPOINT_URL_{}": "https://vpce-1.example.com"},
    {"AWS_ENDPOINT_URL_{}": "https://vpce-1.example.com", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"},
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("service", sorted(CALLS))
def test_endpoints_of_the_environment(service: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    name = {"secretsmanager": "SECRETS_MANAGER", "stepfunctions": "SFN"}.get(service, service.upper())
    for variable, value in variables.items():
        monkeypatch.setenv(variable.format(name), value)
    found, expected = url_of_ours(service), url_of_botocore(service)
    if service == "stepfunctions" and is_emulated():
        # One server plays all services, and has no second name for this operation.
        expected = expected.replace("://sync-", "://")
    assert found == expected


def test_the_connections_of_api_gateway_are_at_the_address_that_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    endpoint = "https://abc.execute-api.eu-west-1.amazonaws.com/live/"
    ours = AwsClient("apigatewaymanagementapi", read_timeout=1, attempts=1, endpoint=endpoint)
    sent = of_ours(ours, "post_to_connection", {"ConnectionId": "a=", "Data": b"x"})
    assert sent.url == "https://abc.execute-api.eu-west-1.amazonaws.com/live/@connections/a%3D"
