"""The context keys of a deployment: defaults, valid values, and messages for invalid ones."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatflow.nodes.tasks import SEND_TEXT
from tests.fakes.certificates import Certificates
from tests.fakes.node_types import FOLDER as NODES
from tests.fakes.node_types import TASK_TYPES

if TYPE_CHECKING:
    from infrastructure.configuration import Configuration


def _configured(**context: Any) -> Configuration:
    from aws_cdk import App

    from infrastructure.configuration import read_configuration

    return read_configuration(App(context=context).node)


def test_every_key_has_a_default() -> None:
    from aws_cdk import RemovalPolicy

    configuration = _configured()
    assert (configuration.stack_name, configuration.target.name, configuration.removal) == (
        "Chatflow-dev",
        "aws",
        RemovalPolicy.DESTROY,
    )
    assert configuration.flows.name == "flows"
    assert (configuration.concurrency, configuration.reserved_concurrency, configuration.take_over) == (50, 0, False)


def test_the_stage_prod_keeps_its_data() -> None:
    from aws_cdk import RemovalPolicy

    configuration = _configured(stage="prod", retention_days="90")
    assert configuration.keeps_data
    assert configuration.removal == RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    assert configuration.retention_days == 90


def test_keys_with_a_prefix_name_channels_and_values_of_flows() -> None:
    configuration = _configured(
        target="local",
        channel_url_whatsapp="http://127.0.0.1:1/v23.0",
        deployment_business_url="http://127.0.0.1:2",
        private_hosts="127.0.0.1:2",
    )
    assert configuration.channel_urls == {"whatsapp": "http://127.0.0.1:1/v23.0"}
    assert configuration.deployment == {"business_url": "http://127.0.0.1:2"}


def test_a_channel_has_its_manifests_version_and_read_marks_unless_the_deploy_says_otherwise() -> None:
    usual, changed = _configured(), _configured(channel_version_whatsapp="v23.0", read_marks="false")
    assert (usual.channel_versions, usual.read_marks) == ({}, True)
    assert (changed.channel_versions, changed.read_marks) == ({"whatsapp": "v23.0"}, False)


def test_an_account_may_have_a_rate_of_its_own() -> None:
    assert _configured(messages_per_second_106="1000", messages_per_second_107="0.5").account_rates == {
        "106": "1000",
        "107": "0.5",
    }


def test_recipients_and_origins_are_addresses() -> None:
    configuration = _configured(
        admin_email="ada@example.com", console_origins="https://a.example, http://localhost:5173/"
    )
    assert (configuration.admin_email, configuration.alert_email) == ("ada@example.com", "")
    assert configuration.console_origins == ("https://a.example", "http://localhost:5173")


def test_a_bundle_of_certificates_is_a_readable_file(tmp_path: Path) -> None:
    from infrastructure.configuration import Misconfigured

    file = tmp_path / "authority.pem"
    file.write_text(Certificates.made(tmp_path).authority)
    assert _configured(ca_bundle=str(file)).ca_bundle == file
    assert _configured().ca_bundle is None
    file.write_text("no certificate")
    for name in (str(file), "no/such/file.pem"):
        with pytest.raises(Misconfigured, match=f'ca_bundle .*"{name}" is none'):
            _configured(ca_bundle=name)


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
def test_an_invalid_address_is_refused(key: str, value: str) -> None:
    from infrastructure.configuration import Misconfigured

    with pytest.raises(Misconfigured, match=key):
        _configured(**{key: value})


@pytest.mark.parametrize(
    ("context", "console"),
    [
        ({}, "cloudfront"),
        ({"console": "cloudfront"}, "cloudfront"),
        ({"console": "none"}, ""),
        ({"console": "https://console.example.com/"}, "https://console.example.com"),
        ({"console": "http://127.0.0.1:4173", "target": "local"}, "http://127.0.0.1:4173"),
    ],
)
def test_the_console_is_served_by_cloudfront_by_nobody_or_by_another_origin(
    context: dict[str, str], console: str
) -> None:
    assert _configured(**context).console == console


NETWORK = {"vpc_subnets": "subnet-0123456789abcdef0,subnet-11111111", "vpc_security_groups": "sg-0123456789abcdef0"}
UNREACHABLE_HOSTS = [
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
def test_a_host_in_the_vpc_may_be_called(host: str) -> None:
    configuration = _configured(**NETWORK, private_hosts=host)
    assert configuration.vpc_subnets == ("subnet-0123456789abcdef0", "subnet-11111111")
    assert configuration.vpc_security_groups == ("sg-0123456789abcdef0",)
    assert configuration.private_hosts == host


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"stage": "Prod!"}, "small letters"),
        ({"target": "azure"}, "-c target=local"),
        ({"private_hosts": "api.example.internal"}, "say vpc_subnets, too"),
        ({**NETWORK, "vpc_security_groups": ""}, "say both, or none"),
        ({**NETWORK, "vpc_subnets": ""}, "say both, or none"),
        ({**NETWORK, "vpc_subnets": "vpc-0123456789abcdef0"}, "ids such as subnet-"),
        *(({**NETWORK, "private_hosts": f"api.example.internal,{host}"}, words) for host, words in UNREACHABLE_HOSTS),
        ({"channel_url_whatsapp": "http://127.0.0.1"}, "only with -c target=local"),
        ({"console": "http://127.0.0.1:4173"}, "only with -c target=local"),
        ({"console": "http://console.example.com", "target": "local"}, "cloudfront, none, or an origin"),
        ({"console": "https://console.example.com/path"}, "cloudfront, none, or an origin"),
        ({"console": "off"}, "cloudfront, none, or an origin"),
        ({"channel_version_whatsapp": "26"}, "such as v26.0"),
        ({"channel_version_whatsapp": "v26.0/../v1"}, "such as v26.0"),
        *(({"messages_per_second_106": rate}, "from 0.1 to 1000") for rate in ("0", "1001", "-5", "many", "1e3", "")),
        ({"messages_per_second_a,b=2": "5"}, "of one account"),
        ({"concurrency": "many"}, "whole number"),
        ({"concurrency": "1"}, "from 2 to 1000"),
        ({"concurrency": "10", "reserved_concurrency": "9"}, "at least concurrency"),
        ({"reserved_concurrency": "5"}, "at least concurrency"),
        ({"retention_days": "-1"}, "whole number"),
        ({"malware_scanning": "on"}, "off, guardduty or clamav"),
        ({"malware_scanning": "clamav"}, "say both, or none"),
        ({"malware_scanning": "guardduty", "clamd": "clamd.internal:3310"}, "say both, or none"),
        ({"malware_scanning": "clamav", "clamd": "clamd.internal"}, "host:port"),
        ({"malware_scanning": "guardduty", "scan_seconds": "5"}, "from 60 to 3600"),
    ],
)
def test_an_invalid_value_is_refused(context: dict[str, str], words: str) -> None:
    from infrastructure.configuration import Misconfigured

    with pytest.raises(Misconfigured, match=words):
        _configured(**context)


def test_invalid_node_types_stop_the_synth_with_every_problem(tmp_path: Path) -> None:
    """tests/unit/chatflow/nodes/test_manifest.py has what a manifest may hold; here are needs, and the other files."""
    from infrastructure.configuration import Misconfigured
    from infrastructure.conversation.node_types import read_node_types

    for name in ("echo", "whisper"):
        shutil.copytree(NODES / TASK_TYPES[SEND_TEXT], tmp_path / name)
        manifest = tmp_path / name / "manifest.toml"
        manifest.write_text(manifest.read_text().replace('"channel"', '"everything"'))
    (tmp_path / "whisper" / "README.md").unlink()
    with pytest.raises(Misconfigured) as refused:
        read_node_types(tmp_path)
    head, *problems = str(refused.value).splitlines()
    assert head == "node types that are not valid:"
    assert [problem.partition(": ")[0].partition("/")[2] for problem in problems] == ["whisper", "echo", "whisper"]
    assert "README.md is missing" in problems[0]
    assert all(
        "needs: ['effects', 'everything'] is not allowed. Write a list out of: effects" in p for p in problems[1:]
    )
