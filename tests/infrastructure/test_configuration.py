"""What may be said about a deployment, and what is refused with a word on how to say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, RemovalPolicy

from infrastructure.configuration import Configuration, Misconfigured, configuration
from infrastructure.conversation.node_types import node_types


def _said(**context: Any) -> Configuration:
    return configuration(App(context=context).node)


def test_nothing_needs_to_be_said() -> None:
    found = _said()
    assert (found.stack_name, found.target.name, found.removal) == ("Chatflow-dev", "aws", RemovalPolicy.DESTROY)
    assert found.flows.name == "flows"
    assert (found.concurrency, found.reserved_concurrency, found.take_over) == (50, 0, False)


def test_the_stage_prod_keeps_its_data() -> None:
    found = _said(stage="prod", retention_days="90")
    assert found.keeps_data
    assert found.removal == RemovalPolicy.RETAIN
    assert found.retention_days == 90


def test_keys_with_a_prefix_name_channels_and_values_of_flows() -> None:
    found = _said(
        target="local",
        channel_url_whatsapp="http://127.0.0.1:1/v23.0",
        deployment_business_url="http://127.0.0.1:2",
        private_hosts="127.0.0.1:2",
    )
    assert found.channel_urls == {"whatsapp": "http://127.0.0.1:1/v23.0"}
    assert found.deployment == {"business_url": "http://127.0.0.1:2"}


def test_who_is_told_and_who_may_call_is_said_by_address() -> None:
    found = _said(admin_email="ada@example.com", console_origins="https://a.example, http://localhost:5173/")
    assert (found.admin_email, found.alert_email) == ("ada@example.com", "")
    assert found.console_origins == ("https://a.example", "http://localhost:5173")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("admin_email", "ada"),
        ("alert_email", "a@b.example,c@d.example"),
        ("console_origins", "*"),
        ("console_origins", "http://a.example"),
        ("console_origins", "https://a.example/console"),
    ],
)
def test_an_address_that_is_none_is_refused(key: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=key):
        _said(**{key: value})


NETWORK = {"vpc_subnets": "subnet-0123456789abcdef0,subnet-11111111", "vpc_security_groups": "sg-0123456789abcdef0"}
NEVER = [
    *((host, "the function itself") for host in ("127.0.0.1", "127.0.0.1:9001", "[::1]:9001", "localhost:9001")),
    ("runtime.localhost", "the function itself"),
    *((host, "no network of a business") for host in ("169.254.169.254", "169.254.170.2:80", "[fd00:ec2::254]")),
    *((host, "no network of a business") for host in ("0.1.2.3", "224.0.0.1", "[fe80::1]", "[::ffff:127.0.0.1]")),
    *((host, "is no host") for host in ("*.example.internal", "10.0.0.0/8", "https://api.internal", "2852039166")),
    *((host, "is no host") for host in ("0xa9.254.169.254", "api.internal:0", "api.internal:70000", "a b")),
    ("metadata", "no full name"),
]


@pytest.mark.parametrize(
    "host", ["api.example.internal", "api.example.internal:8444", "10.1.2.3", "[fd12::1]:8443", "100.64.0.9:443"]
)
def test_a_host_in_a_network_of_ones_own_may_be_called(host: str) -> None:
    found = _said(**NETWORK, private_hosts=host)
    assert found.vpc_subnets == ("subnet-0123456789abcdef0", "subnet-11111111")
    assert found.vpc_security_groups == ("sg-0123456789abcdef0",)
    assert found.private_hosts == host


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"stage": "Prod!"}, "small letters"),
        ({"target": "azure"}, "-c target=local"),
        ({"private_hosts": "api.example.internal"}, "say vpc_subnets, too"),
        ({**NETWORK, "vpc_security_groups": ""}, "say both, or none"),
        ({**NETWORK, "vpc_subnets": ""}, "say both, or none"),
        ({**NETWORK, "vpc_subnets": "vpc-0123456789abcdef0"}, "ids such as subnet-"),
        *(({**NETWORK, "private_hosts": f"api.example.internal,{host}"}, words) for host, words in NEVER),
        ({"channel_url_whatsapp": "http://127.0.0.1"}, "only with -c target=local"),
        ({"concurrency": "many"}, "whole number"),
        ({"concurrency": "1"}, "from 2 to 1000"),
        ({"retention_days": "-1"}, "whole number"),
        ({"malware_scanning": "on"}, "off, guardduty or clamav"),
        ({"malware_scanning": "clamav"}, "say both, or none"),
        ({"malware_scanning": "guardduty", "clamd": "clamd.internal:3310"}, "say both, or none"),
        ({"malware_scanning": "clamav", "clamd": "clamd.internal"}, "host:port"),
        ({"malware_scanning": "guardduty", "scan_seconds": "5"}, "from 60 to 3600"),
    ],
)
def test_what_cannot_be_followed_is_refused(context: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        _said(**context)


GOOD = """
title = "Echo"
about = "Says it again."
seconds = 5
memory = 256
failure_exit = "failed"
needs = ["effects"]
"""


def _manifest(folder: Path, text: str, name: str = "echo") -> Path:
    (folder / name).mkdir()
    (folder / name / "manifest.toml").write_text(text)
    return folder


def test_a_folder_with_a_manifest_is_a_node_type(tmp_path: Path) -> None:
    (found,) = node_types(_manifest(tmp_path, GOOD))
    assert (found.name, found.seconds, found.needs) == ("echo", 5, ("effects",))


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (GOOD.replace('"effects"', '"everything"'), "echo", "known needs are effects"),
        (GOOD.replace("seconds = 5", "seconds = 61"), "echo", "at most 60 seconds"),
        (GOOD.replace("memory = 256\n", ""), "echo", "memory"),
        (GOOD + "colour = 1\n", "echo", "colour"),
        ("not toml", "echo", "cannot be read"),
        (GOOD, "Echo-2", "plain name"),
    ],
)
def test_a_manifest_that_cannot_be_followed_is_refused(tmp_path: Path, text: str, name: str, words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        node_types(_manifest(tmp_path, text, name))
