"""Publishing and trying an integration leave in the audit which secrets go to which host, and warn about open ones."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient, InMemoryAudit
from tests.fakes.publishing_tables import Published
from tests.unit.functions.management.flows.flow_requests import publish
from tests.unit.functions.management.integrations.test_integrations import TELL, TELLING, put
from tests.unit.functions.management.integrations.test_trials import answers, try_integration

__all__ = ["answers"]  # a fixture
ANY = 'tell: the secret "claims-token" may be sent to any host; an administrator decides with `chatflow secrets set'
ELSEWHERE = 'tell: the secret "claims-token" may not be sent to claims.example.com; a call is refused.'
CODES = {ANY: "secret-for-any-host", ELSEWHERE: "secret-for-another-host"}


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


def test_the_audit_names_host_secrets_and_a_digest(
    editor: ApiClient, admin: ApiClient, audit: InMemoryAudit, live: Published
) -> None:
    admin("PUT", "/secrets/claims-token", {"value": "t0p", "hosts": ["claims.example.com"]})
    tried = try_integration(editor, "tell", document=yaml.safe_load(TELL), parameters={"note": "private"})
    trial = last_facts(audit)
    published = put(editor, if_match='"r1"')
    publishing = last_facts(audit)
    assert (tried.body["warnings"], published.body["warnings"]) == ([], [])
    expected = {"host": "claims.example.com", "secrets": "claims-token", "sha256": publishing["sha256"]}
    assert (trial, publishing) == (expected, {"version": 2, **expected})
    assert "private" not in repr(audit.rows)


def test_another_document_has_another_digest_and_its_own_host(
    editor: ApiClient, audit: InMemoryAudit, live: Published
) -> None:
    facts = []
    for text in (TELL, TELL.replace("claims.example.com", "evil.example"), TELL.replace("v2", "v3")):
        try_integration(editor, "tell", document=yaml.safe_load(text), parameters={"note": "x"})
        facts.append(last_facts(audit))
    assert [each["host"] for each in facts] == ["claims.example.com", "evil.example", "claims.example.com"]
    assert len({each["sha256"] for each in facts}) == 3


@pytest.mark.parametrize(
    ("hosts", "warning"), [(None, ANY), (["api.example.com"], ELSEWHERE), (["claims.example.com"], "")]
)
def test_an_author_is_warned(
    editor: ApiClient, admin: ApiClient, live: Published, hosts: list[str] | None, warning: str
) -> None:
    assert publish(editor, TELLING, "telling").status == 201
    admin("PUT", "/secrets/claims-token", {"value": "t0p", **({"hosts": hosts} if hosts else {})})
    published = put(editor, if_match='"r1"')
    tried = try_integration(editor, "tell", parameters={"note": "x"})
    validated = editor("POST", "/flows/telling/validate", {"yaml": TELLING})
    assert validated.body["problems"] == []
    for response in (published, tried, validated):
        assert [each[: len(warning)] for each in response.body["warnings"]] == ([warning] if warning else [])
        assert [each["message"] for each in response.body["warnings_found"]] == response.body["warnings"]
        found = [(each["file"], each["code"], each["subject"]) for each in response.body["warnings_found"]]
        assert found == ([("integrations/tell.yaml", CODES[warning], "claims-token")] if warning else [])


def test_what_was_published_is_reported_though_its_secrets_cannot_be_looked_up(
    editor: ApiClient, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("management.secrets.store.BusinessSecrets.hosts", away)
    published = put(editor, if_match='"r1"')
    assert (published.status, published.body["version"]) == (200, 2)
    assert published.body["warnings"][0].startswith("AWS did not answer")


def test_the_audit_names_a_secret_that_may_be_sent_to_any_host(
    editor: ApiClient, admin: ApiClient, audit: InMemoryAudit, live: Published
) -> None:
    admin("PUT", "/secrets/claims-token", {"value": "t0p"})
    put(editor, if_match='"r1"')
    assert last_facts(audit)["secrets_for_any_host"] == "claims-token"


def last_facts(audit: InMemoryAudit) -> dict[str, Any]:
    *_, row = audit.rows.values()
    return dict(row.facts)
