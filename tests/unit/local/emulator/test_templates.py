"""Properties of a template take effect on the local stack."""

from __future__ import annotations

from typing import Any

import httpx


def api(cloud: Any, path: str) -> str:
    return f"{cloud.url}/_aws/execute-api/{cloud.outputs['Api']}/$default{path}"


def test_a_reference_to_a_secret_is_its_arn(cloud: Any) -> None:
    reference = cloud.outputs["Secret"]
    assert reference.startswith("arn:aws:secretsmanager:")
    value = cloud.client("secretsmanager").get_secret_value(SecretId=reference)
    assert value["Name"] == "toy/secret"
    assert len(value["SecretString"]) == 40


def test_a_secrets_value_can_be_put_by_its_name(cloud: Any) -> None:
    secrets = cloud.client("secretsmanager")
    secrets.put_secret_value(SecretId="toy/secret", SecretString="second")
    assert secrets.get_secret_value(SecretId=cloud.outputs["Secret"])["SecretString"] == "second"


def test_a_version_of_a_secret_has_the_id_that_its_writer_chose(cloud: Any) -> None:
    secrets = cloud.client("secretsmanager")
    first, second = "11111111-2222-3333-4444-555555555555", "21111111-2222-3333-4444-555555555555"
    secrets.create_secret(Name="toy/chosen", SecretString="a", ClientRequestToken=first)
    assert secrets.get_secret_value(SecretId="toy/chosen")["VersionId"] == first
    secrets.update_secret(SecretId="toy/chosen", SecretString="b", Description="d", ClientRequestToken=second)
    described = secrets.describe_secret(SecretId="toy/chosen")
    assert "AWSCURRENT" in described["VersionIdsToStages"][second]
    assert secrets.get_secret_value(SecretId="toy/chosen")["SecretString"] == "b"


def test_a_table_expires_its_items(cloud: Any) -> None:
    shown = cloud.client("dynamodb").describe_time_to_live(TableName=cloud.outputs["Seen"])
    assert shown["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_an_http_api_invokes_its_function(cloud: Any) -> None:
    answer = httpx.post(api(cloud, "/webhooks/whatsapp"), json={"a": "ü"})
    assert (answer.status_code, answer.text) == (200, '{"a":"ü"}')
    assert answer.headers["x-route"] == "POST /webhooks/{channel}"


def test_an_http_api_hides_the_reason_of_a_failed_function(cloud: Any) -> None:
    answer = httpx.post(api(cloud, "/webhooks/broken"))
    assert answer.status_code == 500
    assert answer.json() == {"message": "Internal Server Error"}


def test_an_http_api_has_no_other_route(cloud: Any) -> None:
    assert httpx.get(api(cloud, "/webhooks/whatsapp")).status_code == 404


def test_an_http_api_answers_preflight_requests_from_its_template(cloud: Any) -> None:
    headers = {"Origin": "https://console.example.com", "Access-Control-Request-Method": "POST"}
    answer = httpx.options(api(cloud, "/webhooks/whatsapp"), headers=headers)
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "https://console.example.com"
