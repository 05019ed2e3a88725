"""The configuration of a deployment: the context keys (`-c key=value`), their defaults, and their validation."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from aws_cdk import RemovalPolicy
from constructs import Node

from chatflow.adapters.channel_accounts import is_account
from chatflow.adapters.http.address_rules import check_address, is_host, names_this_machine
from chatflow.errors import AddressRefused
from infrastructure.packaging.contents import ROOT
from infrastructure.packaging.targets import Target, target

CLOUDFRONT = "cloudfront"
_CHANNEL_URL = "channel_url_"
_CHANNEL_VERSION = "channel_version_"
_DEPLOYMENT = "deployment_"
_ACCOUNT_RATE = "messages_per_second_"
_RATE = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")
_RATES = (0.1, 1000)  # messages a second; no channel takes more from one account
_HOST_AND_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?")


class Misconfigured(ValueError):
    """A value of the configuration is not valid; the message says what to write instead."""


@dataclass(frozen=True)
class Configuration:
    """One deployment. Each field is a context key of the same name."""

    stage: str = "dev"
    target: Target = field(default_factory=lambda: target("aws"))
    retention_days: int = 30  # how long customers' files are retained
    log_days: int = 30
    concurrency: int = 50  # conversations that take a turn at the same time
    reserved_concurrency: int = 0  # of each function, from the account's concurrency; 0: none
    requests_per_second: int = 400  # of all webhooks together; more are answered 429, and the channel sends them again
    burst: int = 800
    traced_percent: int = 5  # of the turns, that X-Ray records
    flows: Path = ROOT / "flows"  # the folder whose files are published
    take_over: bool = False  # flows that were published through the API are replaced by those of `flows/`
    alarm_topic_arn: str = ""  # an SNS topic that gets every alarm
    alert_email: str = ""  # an address that gets a mail for every alarm; it must confirm first
    admin_email: str = ""  # the first user of the management API, who is mailed a password
    console: str = CLOUDFRONT  # the web console: that, "" for none, or the origin that serves the build itself
    console_origins: tuple[str, ...] = ()  # https://host of pages that may call the management API, comma-separated
    mask_logs: bool = True  # CloudWatch masks addresses and credentials in every log, for a price per GB
    kms: str = ""  # "true": a customer-managed key for all data, or the ARN of one; "": keys of AWS
    malware_scanning: str = ""  # "guardduty" or "clamav" scans every customer's file; "": no scan
    clamd: str = ""  # host:port of the scanner, for "clamav"
    read_marks: bool = True  # customers see that a file was read, and "typing" until the answer
    scan_seconds: int = 120  # how long a file waits for the scanner's verdict
    ca_bundle: Path | None = None  # a file of certificates that functions trust in addition to public authorities
    private_hosts: str = ""  # host or host:port, comma-separated, that calls may reach although internal
    vpc_subnets: tuple[str, ...] = ()  # subnets of the functions that call a business's API
    vpc_security_groups: tuple[str, ...] = ()  # their security groups
    channel_urls: Mapping[str, str] = field(default_factory=dict)  # channel_url_<channel>: its stand-in; local only
    channel_versions: Mapping[str, str] = field(default_factory=dict)  # channel_version_<channel>: not the manifest's
    account_rates: Mapping[str, str] = field(default_factory=dict)  # messages_per_second_<account>: not the channel's
    deployment: Mapping[str, str] = field(default_factory=dict)  # deployment_<name>: instead of flows/deployment.yaml

    @property
    def stack_name(self) -> str:
        return f"Chatflow-{self.stage}"

    @property
    def keeps_data(self) -> bool:
        """Whether customers' data and published flows outlive the stack."""
        return self.stage == "prod"

    @property
    def calls_per_host(self) -> int:
        """How many calls may be at one host at the same time, unless its integrations say another number."""
        return self.concurrency // 2

    @property
    def uploading_origins(self) -> list[str]:
        """The origins of pages that may upload into the library, as S3's CORS takes them.

        Those of every distribution, since the console's own would be a cycle: its distribution's
        Content-Security-Policy names the library's bucket, which therefore exists before. Decision 0037.
        """
        console = "https://*.cloudfront.net" if self.console == CLOUDFRONT else self.console
        return [*filter(None, [console]), *self.console_origins]

    @property
    def removal(self) -> RemovalPolicy:
        """Where data is kept, a failed first deploy still deletes what it created: empty, it would block names."""
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.keeps_data else RemovalPolicy.DESTROY


def read_configuration(node: Node) -> Configuration:
    """Read the context of the app. Raises Misconfigured."""
    try:
        configuration = Configuration(
            stage=_text(node, "stage") or "dev",
            target=target(_text(node, "target") or "aws"),
            retention_days=_number(node, "retention_days"),
            log_days=_number(node, "log_days"),
            concurrency=_number(node, "concurrency"),
            reserved_concurrency=_number(node, "reserved_concurrency"),
            requests_per_second=_number(node, "requests_per_second"),
            burst=_number(node, "burst"),
            traced_percent=_number(node, "traced_percent"),
            flows=ROOT / (_text(node, "flows") or "flows"),
            take_over=_text(node, "take_over").lower() == "true",
            alarm_topic_arn=_text(node, "alarm_topic_arn"),
            alert_email=_email(node, "alert_email"),
            admin_email=_email(node, "admin_email"),
            console=_console(_text(node, "console"), _text(node, "target")),
            console_origins=_origins(_text(node, "console_origins")),
            mask_logs=_text(node, "mask_logs").lower() != "false",
            read_marks=_text(node, "read_marks").lower() != "false",
            kms=_kms(_text(node, "kms")),
            malware_scanning=_malware_scanning(_text(node, "malware_scanning")),
            clamd=_text(node, "clamd"),
            scan_seconds=_number(node, "scan_seconds"),
            ca_bundle=_ca_bundle(_text(node, "ca_bundle")),
            private_hosts=_text(node, "private_hosts"),
            vpc_subnets=_ids(node, "vpc_subnets", "subnet"),
            vpc_security_groups=_ids(node, "vpc_security_groups", "sg"),
            channel_urls=_prefixed(node, _CHANNEL_URL),
            channel_versions=_prefixed(node, _CHANNEL_VERSION),
            account_rates=_prefixed(node, _ACCOUNT_RATE),
            deployment=_prefixed(node, _DEPLOYMENT),
        )
    except ValueError as problem:
        raise Misconfigured(str(problem)) from None
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", configuration.stage):
        raise Misconfigured(
            f'a stage is named with small letters, digits and "-" (at most 20), not "{configuration.stage}"'
        )
    if configuration.target.name == "aws" and configuration.channel_urls:
        raise Misconfigured("channel_url_* sends customers' messages elsewhere: only with -c target=local")
    if configuration.target.name == "aws":
        _check_network(configuration)
    _check_scanning(configuration)
    for channel, version in configuration.channel_versions.items():
        if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]{1,2}", version):
            raise Misconfigured(f'{_CHANNEL_VERSION}{channel} is a version such as v26.0, not "{version}"')
    for account, rate in configuration.account_rates.items():
        if not is_account(account) or not _RATE.fullmatch(rate) or not _RATES[0] <= float(rate) <= _RATES[1]:
            raise Misconfigured(
                f"{_ACCOUNT_RATE}{account} is the number of messages a second of one account, from {_RATES[0]} to "
                f'{_RATES[1]}, such as {_ACCOUNT_RATE}106540352242922=1000, not "{rate}"'
            )
    if not 2 <= configuration.concurrency <= 1000:
        raise Misconfigured("concurrency is a number from 2 to 1000 (the limits of an SQS trigger)")
    if configuration.traced_percent > 100:
        raise Misconfigured("traced_percent is a number from 0 to 100")
    if 0 < configuration.reserved_concurrency < configuration.concurrency:
        # The trigger would receive events that the function has no room for: each counts as an attempt.
        raise Misconfigured(
            f"reserved_concurrency ({configuration.reserved_concurrency}) is 0, or at least concurrency "
            f"({configuration.concurrency}): with less, events are throttled until they become dead letters"
        )
    return configuration


def _ca_bundle(name: str) -> Path | None:
    if not name:
        return None
    file = ROOT / name  # a path of its own, when it is absolute
    try:
        ssl.create_default_context(cafile=str(file))
    except OSError as error:
        raise Misconfigured(
            f'ca_bundle names a file of certificates in PEM form, and "{name}" is none: {error.strerror or error}'
        ) from None
    return file


def _check_network(configuration: Configuration) -> None:
    for entry in filter(None, (each.strip() for each in configuration.private_hosts.split(","))):
        if problem := _private_host_problem(entry):
            raise Misconfigured(f'private_hosts: "{entry}" {problem}')
    if bool(configuration.vpc_subnets) != bool(configuration.vpc_security_groups):
        raise Misconfigured("vpc_subnets and vpc_security_groups belong together: say both, or none")
    if configuration.private_hosts and not configuration.vpc_subnets:
        raise Misconfigured("private_hosts lie in a VPC, and no function is in one: say vpc_subnets, too")


def _private_host_problem(entry: str) -> str:
    """Why calls can never reach this host or host:port of the VPC; "" when they can.

    A name is checked again at each call, by the addresses that it resolves to then.
    """
    found = _HOST_AND_PORT.fullmatch(entry)
    host = found[1].strip("[]") if found else ""
    if not found or not (found[1].startswith("[") or is_host(host)) or not 0 < int(found[2] or 443) < 65536:
        return "is no host or host:port, in small letters"
    if names_this_machine(host):
        return "is the function itself, where Lambda's own API listens"
    try:
        ip_address(host)
        check_address(host, host, private=True)
    except ValueError:
        return "" if "." in host else "is no full name: write it with its domain"
    except AddressRefused:
        return "is an address that no network of a business has: link-local, metadata, multicast or reserved"
    return ""


def _check_scanning(configuration: Configuration) -> None:
    if (configuration.malware_scanning == "clamav") != bool(configuration.clamd):
        raise Misconfigured("malware_scanning=clamav and clamd=host:port belong together: say both, or none")
    if configuration.clamd and not re.fullmatch(r"[A-Za-z0-9.-]+:[0-9]{1,5}", configuration.clamd):
        raise Misconfigured(f'clamd is host:port, such as clamd.internal:3310, not "{configuration.clamd}"')
    if not 60 <= configuration.scan_seconds <= 3600:
        raise Misconfigured("scan_seconds is a number from 60 to 3600: schedules have a precision of one minute")


def _malware_scanning(value: str) -> str:
    if value not in ("", "off", "guardduty", "clamav"):
        raise Misconfigured(f'malware_scanning is off, guardduty or clamav, not "{value}"')
    return "" if value == "off" else value


def _ids(node: Node, key: str, kind: str) -> tuple[str, ...]:
    ids = tuple(filter(None, (each.strip() for each in _text(node, key).split(","))))
    for each in ids:
        if not re.fullmatch(rf"{kind}-[0-9a-f]{{8,17}}", each):
            raise Misconfigured(f'{key} are ids such as {kind}-0123456789abcdef0, comma-separated, not "{each}"')
    return ids


def _email(node: Node, key: str) -> str:
    value = _text(node, key)
    if value and not re.fullmatch(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+", value):
        raise Misconfigured(f'{key} is one e-mail address, not "{value}"')
    return value


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(filter(None, (each.strip().rstrip("/") for each in value.split(","))))
    for origin in origins:
        if not re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?|http://(localhost|127\.0\.0\.1)(:[0-9]+)?", origin):
            raise Misconfigured(f'console_origins are origins such as https://console.example.com, not "{origin}"')
    return origins


def _console(value: str, target: str) -> str:
    if value in ("", CLOUDFRONT):
        return CLOUDFRONT
    if value == "none":
        return ""
    origin = value.rstrip("/")
    if re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]{1,5})?", origin):
        return origin
    if re.fullmatch(r"http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?", origin):
        if target == "local":
            return origin
        raise Misconfigured(f"console={value}: only with -c target=local; on AWS, tokens are sent to https:// alone")
    raise Misconfigured(
        f'console is {CLOUDFRONT}, none, or an origin such as https://console.example.com, not "{value}"'
    )


def _kms(value: str) -> str:
    if value.lower() in ("", "true", "false"):
        return "" if value.lower() == "false" else value.lower()
    if not re.fullmatch(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+", value):
        raise Misconfigured(f'kms is "true" or the ARN of a KMS key (arn:aws:kms:...:key/...), not "{value}"')
    return value


def _text(node: Node, key: str) -> str:
    value = node.try_get_context(key)
    return "" if value is None else str(value)


def _number(node: Node, key: str) -> int:
    default = int(getattr(Configuration, key))
    text = _text(node, key)
    if text and not text.isdigit():
        raise Misconfigured(f'{key} is a whole number, not "{text}"')
    return int(text) if text else default


def _prefixed(node: Node, prefix: str) -> dict[str, str]:
    context = node.get_all_context() or {}
    return {key.removeprefix(prefix): str(value) for key, value in context.items() if key.startswith(prefix)}
