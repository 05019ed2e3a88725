"""Secrets through the API: written, and never read back, not even in error messages."""

from __future__ import annotations

import pytest

from chatflow.adapters import aws
from chatflow.adapters.secrets import secret_text
from chatflow.errors import NotPublished
from chatflow.integrations.secret_hosts import BusinessSecret, deserialize_secret
from management.api import ManagementApi
from management.dependencies import Dependencies
from management.secrets.store import BusinessSecrets
from tests.fakes.api_client import ApiClient, InMemoryAudit
from tests.fakes.management_dependencies import with_fakes
from tests.fakes.publishing_tables import PREFIX, Published
from tests.unit.functions.management.integrations.test_integrations import put as put_integration

VALUE = "s3cr3t-väl\u0075e"


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


def test_a_secret_is_stored_where_calls_read_it(admin: ApiClient, live: Published) -> None:
    assert admin("PUT", "/secrets/claims-token", {"value": VALUE}).status == 204
    assert secret_text(f"{PREFIX}claims-token", max_age=0) == VALUE
    assert admin("PUT", "/secrets/claims-token", {"value": "another"}).status == 204
    assert secret_text(f"{PREFIX}claims-token", max_age=0) == "another"


def test_secrets_are_listed_by_name_with_their_integrations(admin: ApiClient, live: Published) -> None:
    admin("PUT", "/secrets/claims-token", {"value": VALUE})
    admin("PUT", "/secrets/spare", {"value": VALUE})
    aws.client("secretsmanager").create_secret(Name="cf/channels/whatsapp", SecretString="{}")
    put_integration(admin, if_match='"r1"')
    response = admin("GET", "/secrets")
    assert {each["name"]: each["used_by"] for each in response.body["items"]} == {"claims-token": ["tell"], "spare": []}
    assert VALUE not in response.text
    first = admin("GET", "/secrets", query={"limit": 1}).body
    second = admin("GET", "/secrets", query={"limit": 1, "cursor": first["next"]}).body
    assert {first["items"][0]["name"], second["items"][0]["name"]} == {"claims-token", "spare"}
    assert admin("GET", "/secrets", query={"cursor": "nonsense"}).slug == "invalid-request"


def test_a_deleted_secret_is_gone_and_may_be_set_again(admin: ApiClient, live: Published) -> None:
    admin("PUT", "/secrets/claims-token", {"value": VALUE})
    assert admin("DELETE", "/secrets/claims-token").status == 204
    assert admin("GET", "/secrets").body["items"] == []
    assert admin("DELETE", "/secrets/claims-token").status == 404
    with pytest.raises(NotPublished):
        secret_text(f"{PREFIX}claims-token", max_age=0)
    assert admin("PUT", "/secrets/claims-token", {"value": "anew"}).status == 204
    assert secret_text(f"{PREFIX}claims-token", max_age=0) == "anew"


@pytest.mark.parametrize(
    "body",
    [{}, {"value": ""}, {"value": "  "}, {"value": "a\x00b" + VALUE}, {"value": VALUE * 2000}, {"value": 7}, [VALUE]],
)
def test_an_invalid_value_is_refused_without_being_repeated(admin: ApiClient, live: Published, body: object) -> None:
    response = admin("PUT", "/secrets/claims-token", body)
    assert (response.status, response.slug) == (422, "invalid-request")
    assert "s3cr3t" not in response.text


def test_hosts_are_stored_with_the_value_and_listed(admin: ApiClient, audit: InMemoryAudit, live: Published) -> None:
    hosts = ["Claims.example.com.", "api.example.com:8443"]
    assert admin("PUT", "/secrets/claims-token", {"value": VALUE, "hosts": hosts}).status == 204
    assert stored("claims-token") == BusinessSecret(VALUE, frozenset({"claims.example.com", "api.example.com:8443"}))
    assert listed(admin) == {"claims-token": ["api.example.com:8443", "claims.example.com"]}
    (row,) = audit.rows.values()
    assert row.facts == {"hosts": "api.example.com:8443, claims.example.com"}


def test_a_new_value_keeps_the_hosts_and_new_hosts_replace_them(admin: ApiClient, live: Published) -> None:
    admin("PUT", "/secrets/claims-token", {"value": VALUE})
    assert listed(admin) == {"claims-token": None}
    admin("PUT", "/secrets/claims-token", {"value": VALUE, "hosts": ["a.example"]})
    admin("PUT", "/secrets/claims-token", {"value": "another"})
    assert stored("claims-token") == BusinessSecret("another", frozenset({"a.example"}))
    admin("PUT", "/secrets/claims-token", {"value": "another", "hosts": ["b.example"]})
    assert stored("claims-token") == BusinessSecret("another", frozenset({"b.example"}))
    assert listed(admin) == {"claims-token": ["b.example"]}


def test_a_deleted_secret_that_is_set_again_keeps_its_hosts(admin: ApiClient, live: Published) -> None:
    admin("PUT", "/secrets/claims-token", {"value": VALUE, "hosts": ["a.example"]})
    admin("DELETE", "/secrets/claims-token")
    admin("PUT", "/secrets/claims-token", {"value": "anew"})
    assert stored("claims-token") == BusinessSecret("anew", frozenset({"a.example"}))


def test_hosts_that_do_not_hold_are_not_listed(admin: ApiClient, live: Published) -> None:
    admin("PUT", "/secrets/claims-token", {"value": VALUE, "hosts": ["a.example"]})
    aws.client("secretsmanager").put_secret_value(SecretId=f"{PREFIX}claims-token", SecretString="by hand")
    assert listed(admin) == {"claims-token": None}
    admin("PUT", "/secrets/claims-token", {"value": VALUE})
    assert listed(admin) == {"claims-token": ["a.example"]}


@pytest.mark.parametrize(
    "hosts", [[], [""], ["*.example.com"], ["https://a.example"], ["a.example", "b example"], "a.example", [7]]
)
def test_an_invalid_host_is_refused(admin: ApiClient, live: Published, hosts: object) -> None:
    response = admin("PUT", "/secrets/claims-token", {"value": VALUE, "hosts": hosts})
    assert (response.status, response.slug) == (422, "invalid-request")
    assert aws.client("secretsmanager").list_secrets()["SecretList"] == []


def test_more_hosts_than_can_be_stored_are_refused(admin: ApiClient, live: Published) -> None:
    hosts = [f"{'a' * 60}.{'b' * 60}.host{number}.example" for number in range(20)]
    assert admin("PUT", "/secrets/claims-token", {"value": VALUE, "hosts": hosts}).slug == "invalid-request"


def stored(name: str) -> BusinessSecret:
    return deserialize_secret(name, secret_text(f"{PREFIX}{name}", max_age=0))


def listed(admin: ApiClient) -> dict[str, object]:
    return {each["name"]: each["hosts"] for each in admin("GET", "/secrets").body["items"]}


@pytest.mark.parametrize("name", ["Upper", "a" * 65, "../channels", "a%2Fb", "a\u202eb", "-a"])
def test_an_invalid_name_is_refused(admin: ApiClient, live: Published, name: str) -> None:
    assert admin("PUT", f"/secrets/{name}", {"value": VALUE}).status in (404, 422)
    assert aws.client("secretsmanager").list_secrets()["SecretList"] == []


def test_only_an_admin_may_use_secrets(editor: ApiClient, viewer: ApiClient, live: Published) -> None:
    for caller in (editor, viewer):
        assert caller("GET", "/secrets").slug == "forbidden"
        assert caller("PUT", "/secrets/a", {"value": VALUE}).slug == "forbidden"
        assert caller("DELETE", "/secrets/a").slug == "forbidden"


def test_the_value_is_neither_in_the_audit_nor_in_the_log(
    admin: ApiClient, audit: InMemoryAudit, capsys: pytest.CaptureFixture[str]
) -> None:
    admin("PUT", "/secrets/claims-token", {"value": VALUE})
    (row,) = audit.rows.values()
    assert (row.target, row.outcome) == ({"secret": "claims-token"}, "done")
    assert "s3cr3t" not in repr(row) + capsys.readouterr().out


def test_a_new_secret_is_encrypted_with_the_deployments_key(dependencies: Dependencies) -> None:
    encrypted = BusinessSecrets(PREFIX, "arn:aws:kms:eu-west-1:123456789012:key/ours")
    admin = ApiClient(ManagementApi(with_fakes(dependencies, secrets=encrypted)))
    assert admin("PUT", "/secrets/claims-token", {"value": VALUE}).status == 204
    secret = aws.client("secretsmanager").describe_secret(SecretId=f"{PREFIX}claims-token")
    assert secret["KmsKeyId"] == "arn:aws:kms:eu-west-1:123456789012:key/ours"
