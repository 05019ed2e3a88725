"""Which addresses a call may reach."""

# ruff: noqa: RUF001, S104 - look-alike letters and odd addresses are the point

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_network

import pytest
from AntiSSRF import IPAddressRanges

from chatflow.adapters.http.address_rules import Target, check_address, parse_target
from chatflow.errors import AddressRefused

INTERNAL = (
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.7", "198.18.0.1",
    "198.51.100.7", "203.0.113.7", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "192.31.196.1", "192.52.193.1", "192.175.48.1", "::", "::1", "::7f00:1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2620:4f:8000::1", "4000::1",
)  # fmt: skip
NEVER = (
    "169.254.169.254", "169.254.170.2", "fd00:ec2::254", "fd00:ec2::253", "fd20:ce::254", "100.100.100.200",
    "168.63.129.16", "192.0.0.192", "fe80::1", "0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "ff02::1", "240.0.0.1",
    "255.255.255.255", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:a00:1::", "::a00:1", "fec0::1",
)  # fmt: skip
PUBLIC = (
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "31.13.71.51", "52.95.110.1", "99.255.255.255", "100.63.255.255",
    "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255", "192.169.0.1",
    "198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700:4700::1111",
    "2a03:2880:f12f:83:face:b00c:0:25de", "2600:1f18::1", "::ffff:93.184.215.14",
)  # fmt: skip


def allowed(address: str, host: str, *, private: bool) -> bool:
    try:
        check_address(address, host, private=private)
    except AddressRefused:
        return False
    return True


def test_addresses_that_are_not_public_are_refused() -> None:
    assert [each for each in INTERNAL if allowed(each, "claims.example.com", private=False)] == []


def test_public_addresses_are_allowed() -> None:
    assert [each for each in PUBLIC if not allowed(each, "claims.example.com", private=False)] == []


def test_every_range_that_another_guard_refuses_is_refused_from_end_to_end() -> None:
    networks = [ip_network(range_) for range_ in IPAddressRanges.recommended_latest]
    assert len(networks) > 20
    for network in networks:
        for address in (network[0], network[network.num_addresses // 2], network[-1]):
            assert not allowed(str(address), "claims.example.com", private=False), (network, address)


def test_a_host_that_may_be_internal_may_be() -> None:
    addresses = ("10.1.2.3", "172.31.0.1", "192.168.0.9", "100.64.0.1", "::ffff:10.0.0.1", "fd12::1", "8.8.8.8")
    assert [each for each in addresses if not allowed(each, "claims.internal", private=True)] == []


def test_not_even_such_a_host_may_be_metadata_or_what_no_network_of_a_business_is() -> None:
    assert [each for each in NEVER if allowed(each, "claims.internal", private=True)] == []


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_called_only_by_its_own_names(address: str) -> None:
    for host in ("localhost", "claims.localhost", "127.0.0.1", "::1"):
        check_address(address, host, private=True)
        with pytest.raises(AddressRefused):
            check_address(address, host, private=False)
    for host in ("claims.internal", "localhost.internal", "10.0.0.1"):
        with pytest.raises(AddressRefused):
            check_address(address, host, private=True)


NOT_PLAIN = [
    "ftp://claims.example.com/",
    "file:///etc/passwd",
    "gopher://claims.example.com/",
    "//claims.example.com/",
    "claims.example.com",
    "https:///path",
    "https://",
    "http://claims.example.com/",  # in plain text, to a host that is not private
    "https://user@claims.example.com/",
    "https://user:password@claims.example.com/",
    "https://@claims.example.com/",
    "https://claims.example.com\\@169.254.169.254/",
    "https://claims.example.com\\.internal/",
    "https://claims.example.com/a\nb",
    "https://claims.example.com/\r\nX-Evil: 1",
    "https://claims.example.com\t/",
    "https://claims.example.com/\0",
    "https://claims.example.com:22/",
    "https://claims.example.com:6379/",
    "https://claims.example.com:99999/",
    "https://claims.example.com:abc/",
    "https://сlaims.example.com/",  # a Cyrillic letter
    "https://claims。example.com/",
    "https://１２７.0.0.1/",
    "https://claims.exa mple.com/",
    "https://claims%2eexample.com/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://[v1.x]/",
    "https://claims.example.com:0/",
    "https://claims..example.com/",
    "https://.claims.example.com/",
    "https://claims.example.com../",
    "https://-claims.example.com/",
    f"https://{'a' * 64}.example.com/",
    f"https://{'a.' * 130}example.com/",
    "https://2130706433/",  # 127.0.0.1, as some resolvers take it
    "https://1572395022/",  # 93.184.215.14, in no other way
    "https://0x7f.1/",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://010.8.8.8/",
    "https://93.184.215.14./",
    "https://0/",
    "https://claims.example.0x/",
]


def test_urls_that_are_not_plainly_one_https_address_are_refused() -> None:
    taken = []
    for url in NOT_PLAIN:
        with suppress(AddressRefused):
            parse_target(url, frozenset())
            taken.append(url)
    assert taken == []


def test_a_refusal_does_not_repeat_the_url() -> None:
    with pytest.raises(AddressRefused) as refused:
        parse_target("http://claims.example.com/secret-path?key=s3cret", frozenset())
    assert "s3cret" not in str(refused.value)
    assert "secret-path" not in str(refused.value)


def test_the_url_is_taken_apart_once() -> None:
    expected = Target("https", "claims.example.com", 8443, "/a/b?c=d%20e", private=False)
    assert parse_target("https://Claims.Example.com:8443/a/b?c=d e#part", frozenset()) == expected
    assert parse_target("https://claims.example.com", frozenset()).path == "/"
    assert parse_target("https://claims.example.com/ü/[x]", frozenset()).path == "/%C3%BC/%5Bx%5D"
    assert parse_target("https://claims.example.com/100%25", frozenset()).path == "/100%25"


def test_a_private_host_may_be_called_at_the_usual_ports_or_at_the_one_that_is_named() -> None:
    private = frozenset({"claims.internal", "files.internal:5001", "[fd12::1]:5001"})
    assert parse_target("https://claims.internal/", private).private
    assert parse_target("https://claims.internal.:8443/", private).private
    assert parse_target("https://files.internal:5001/", private).private
    assert parse_target("https://[fd12::1]:5001/", private).private
    assert not parse_target("https://x.claims.internal/", private).private
    assert not parse_target("https://files.internal/", private).private
    for url in ("https://claims.internal:5001/", "https://files.internal:5002/", "https://[fd12::1]:5002/"):
        with pytest.raises(AddressRefused):
            parse_target(url, private)


def test_plain_text_never_leaves_this_machine() -> None:
    private = frozenset({"claims.internal", "10.0.0.1", "127.0.0.1:5001", "[::1]:5001", "claims.localhost:5001"})
    for url in ("http://127.0.0.1:5001/", "http://[::1]:5001/", "http://claims.localhost:5001/"):
        assert parse_target(url, private).private
    for url in ("http://claims.internal/", "http://10.0.0.1/", "http://127.0.0.1:5002/", "http://localhost/"):
        with pytest.raises(AddressRefused):
            parse_target(url, private)


def test_hosts_are_the_only_ones_when_they_are_given() -> None:
    hosts = frozenset({"graph.facebook.com", "lookaside.fbsbx.com:8443"})
    assert parse_target("https://graph.facebook.com/v1", frozenset(), hosts).host == "graph.facebook.com"
    assert parse_target("https://graph.facebook.com./v1", frozenset(), hosts).host == "graph.facebook.com."
    assert parse_target("https://lookaside.fbsbx.com:8443/", frozenset(), hosts).port == 8443
    for url in ("https://evil.example/", "https://graph.facebook.com.evil.example/", "https://lookaside.fbsbx.com/"):
        with pytest.raises(AddressRefused):
            parse_target(url, frozenset(), hosts)


def test_a_redirect_is_read_against_the_place_that_it_left() -> None:
    place = parse_target("https://claims.example.com:8443/a/b?c", frozenset())
    assert place.redirected("../x?y") == "https://claims.example.com:8443/x?y"
    assert place.redirected("//other.example/z") == "https://other.example/z"
    assert parse_target("https://[2606:4700::1]/a", frozenset()).redirected("/b") == "https://[2606:4700::1]:443/b"
    for location in ("https://[::1", "//[oops]/"):
        with pytest.raises(AddressRefused):
            parse_target(place.redirected(location), frozenset())
