"""A secret goes to the hosts that an administrator allows, and nowhere else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.errors import NotPublished, Refused
from chatflow.integrations.secret_hosts import (
    BusinessSecret,
    deserialize_secret,
    host_of,
    normalized_host,
    serialize_secret,
)

ALLOWED = frozenset({"api.example.com", "other.example.com:8443", "[2001:db8::1]"})


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com/v1?x=[[y]]",
        "https://API.Example.COM/v1",
        "HTTPS://api.example.com/v1",
        "https://api.example.com./v1",
        "https://api.example.com:443/v1",
        "https://api.example.com:8443/v1",
        "https://other.example.com:8443/v1",
        "https://[2001:DB8::1]/v1",
        "https://[2001:db8::1]:8443/v1",
    ],
)
def test_an_allowed_host_receives_it(url: str) -> None:
    assert BusinessSecret("t0p", ALLOWED).for_call("token", url) == "t0p"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1",
        "https://api.example.com.evil.example",
        "https://evil.example/api.example.com",
        "https://evil.example?api.example.com",
        "https://evil.example#api.example.com",
        "https://evilapi.example.com",
        "https://sub.api.example.com",
        "https://example.com",
        "https://other.example.com",
        "https://other.example.com:443",
        "https://api.example.com@evil.example/",
        "https://evil.example@api.example.com/",
        "https://api.example.com:443@evil.example/",
        "https://api.example.com\\.evil.example",
        "https://api.example.com%2eevil.example",
        "https://api.example.com%00.evil.example",
        "https://[::ffff:api.example.com]/",
        "https://api.example.com:port/",
        "https://api。example。com/",
        "ftp://api.example.com/",
        "//api.example.com/",
        "api.example.com",
        "",
    ],
)
def test_any_other_is_refused_with_what_to_do(url: str) -> None:
    with pytest.raises(Refused) as refused:
        BusinessSecret("t0p", ALLOWED).for_call("token", url)
    assert "chatflow secrets set token --host" in str(refused.value)
    assert "t0p" not in str(refused.value)


def test_a_secret_without_hosts_goes_anywhere_until_someone_decides() -> None:
    assert BusinessSecret("t0p").for_call("token", "https://anywhere.example") == "t0p"


GOLDEN = {
    "t0p": BusinessSecret("t0p"),
    '{"user": "a", "password": "b"}': BusinessSecret('{"user": "a", "password": "b"}'),
    "{not json": BusinessSecret("{not json"),
    '{"note": "the word \\"chatflow_secret\\" in it"}': BusinessSecret(
        '{"note": "the word \\"chatflow_secret\\" in it"}'
    ),
    '{"a": {"chatflow_secret": 1}}': BusinessSecret('{"a": {"chatflow_secret": 1}}'),
    '["chatflow_secret"]': BusinessSecret('["chatflow_secret"]'),
    '{"chatflow_secret": 1, "hosts": ["a.example"], "value": "t0p"}': BusinessSecret("t0p", frozenset({"a.example"})),
    '\n { "value":"t0p",\n "hosts":[], "chatflow_secret":1 }': BusinessSecret("t0p", frozenset()),
}


@pytest.mark.parametrize(("stored", "secret"), GOLDEN.items(), ids=range(len(GOLDEN)))
def test_what_was_ever_stored_is_read(stored: str, secret: BusinessSecret) -> None:
    assert deserialize_secret("token", stored) == secret


@pytest.mark.parametrize(
    "stored",
    [
        '{"chatflow_secret": 1, "hosts": ["a.example"], "value": "t0p"',
        '{"chatflow_secret": 2, "hosts": ["a.example"], "value": "t0p"}',
        '{"chatflow_secret": 1, "value": "t0p"}',
        '{"chatflow_secret": 1, "hosts": null, "value": "t0p"}',
        '{"chatflow_secret": 1, "hosts": "a.example", "value": "t0p"}',
        '{"chatflow_secret": 1, "hosts": [1], "value": "t0p"}',
        '{"chatflow_secret": 1, "hosts": [], "value": 7}',
    ],
)
def test_a_damaged_secret_is_sent_nowhere(stored: str) -> None:
    with pytest.raises(NotPublished) as damaged:
        deserialize_secret("token", stored)
    assert "t0p" not in str(damaged.value)


@given(st.text(), st.frozensets(st.sampled_from(sorted(ALLOWED))))
def test_a_secret_is_read_as_it_was_stored(value: str, hosts: frozenset[str]) -> None:
    stored = json.loads(json.dumps(serialize_secret(value, hosts)))
    assert deserialize_secret("token", stored) == BusinessSecret(value, hosts)


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("api.example.com", "api.example.com"),
        (" API.Example.com. ", "api.example.com"),
        ("api.example.com.:8443", "api.example.com:8443"),
        ("localhost:8080", "localhost:8080"),
        ("10.0.0.7", "10.0.0.7"),
        ("[2001:DB8::1]", "[2001:db8::1]"),
        ("[2001:db8::1]:8443", "[2001:db8::1]:8443"),
    ],
)
def test_a_host_is_stored_in_one_form(written: str, host: str) -> None:
    assert normalized_host(written) == host
    assert BusinessSecret("t0p", frozenset({host})).for_call("token", f"https://{host}/") == "t0p"


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "https://api.example.com",
        "api.example.com/v1",
        "*.example.com",
        "*",
        "a b",
        "a,b",
        "user@api.example.com",
        "api.example.com:0",
        "api.example.com:99999",
        "api.example.com:",
        "api..example.com",
        "-a.example",
        "bücher.example",
        "a" * 64 + ".example",
    ],
)
def test_what_is_no_host_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not a host"):
        normalized_host(written)


def test_a_host_is_named_without_its_port() -> None:
    assert host_of("https://API.example.com.:8443/x") == "api.example.com"
