"""What may be said about a deployment with `-c key=value`, and what holds when nothing is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import RemovalPolicy
from constructs import Node

from infrastructure.packaging.contents import ROOT
from infrastructure.packaging.targets import Target, target
from infrastructure.security.private_hosts import host_trouble

_CHANNEL_URL = "channel_url_"
_DEPLOYMENT = "deployment_"


class Misconfigured(ValueError):
    """Something that was said about the deployment cannot be followed; the message says what to say instead."""


@dataclass(frozen=True)
class Configuration:
    """One deployment. Each field is a context key of the same name."""

    stage: str = "dev"
    target: Target = field(default_factory=lambda: target("aws"))
    retention_days: int = 30  # how long customers' files are kept
    log_days: int = 30
    concurrency: int = 50  # conversations that have their turn at the same time
    reserved_concurrency: int = 0  # the share of the account's concurrency that each function keeps to itself; 0: none
    requests_per_second: int = 100  # of all webhooks together; more are answered 429, and the channel sends them again
    burst: int = 200
    flows: Path = ROOT / "flows"  # the folder whose files are published
    take_over: bool = False  # flows that were published through the API are replaced by those of `flows/`
    alarm_topic_arn: str = ""  # an SNS topic that hears of every alarm
    alert_email: str = ""  # an address that gets a mail for every alarm; it is asked to confirm first
    admin_email: str = ""  # the first user of the management API, who is mailed a password
    console_origins: tuple[str, ...] = ()  # https://host of web pages that may call the management API, comma-separated
    mask_logs: bool = True  # CloudWatch masks addresses and credentials in every log, for a price per GB
    kms: str = ""  # "true": a key of one's own for all that is kept, or the ARN of one; "": keys of AWS
    malware_scanning: str = ""  # "guardduty" or "clamav" looks at every customer's file; "": nobody does
    clamd: str = ""  # host:port of the scanner, for "clamav"
    scan_seconds: int = 120  # how long a file waits for the scanner's verdict
    private_hosts: str = ""  # host or host:port, comma-separated, that calls may reach although internal
    vpc_subnets: tuple[str, ...] = ()  # subnets that the functions join which call a business's API
    vpc_security_groups: tuple[str, ...] = ()  # what they may reach from there
    channel_urls: Mapping[str, str] = field(default_factory=dict)  # channel_url_<channel>: its stand-in; local only
    deployment: Mapping[str, str] = field(default_factory=dict)  # deployment_<name>: instead of flows/deployment.yaml

    @property
    def stack_name(self) -> str:
        return f"Chatflow-{self.stage}"

    @property
    def keeps_data(self) -> bool:
        """Whether what customers sent, and what was published, outlives the stack."""
        return self.stage == "prod"

    @property
    def removal(self) -> RemovalPolicy:
        return RemovalPolicy.RETAIN if self.keeps_data else RemovalPolicy.DESTROY


def configuration(node: Node) -> Configuration:
    """Read the context of the app. Raises Misconfigured."""
    try:
        read = Configuration(
            stage=_text(node, "stage") or "dev",
            target=target(_text(node, "target") or "aws"),
            retention_days=_number(node, "retention_days"),
            log_days=_number(node, "log_days"),
            concurrency=_number(node, "concurrency"),
            reserved_concurrency=_number(node, "reserved_concurrency"),
            requests_per_second=_number(node, "requests_per_second"),
            burst=_number(node, "burst"),
            flows=ROOT / (_text(node, "flows") or "flows"),
            take_over=_text(node, "take_over").lower() == "true",
            alarm_topic_arn=_text(node, "alarm_topic_arn"),
            alert_email=_email(node, "alert_email"),
            admin_email=_email(node, "admin_email"),
            console_origins=_origins(_text(node, "console_origins")),
            mask_logs=_text(node, "mask_logs").lower() != "false",
            kms=_key(_text(node, "kms")),
            malware_scanning=_scanner(_text(node, "malware_scanning")),
            clamd=_text(node, "clamd"),
            scan_seconds=_number(node, "scan_seconds"),
            private_hosts=_text(node, "private_hosts"),
            vpc_subnets=_ids(node, "vpc_subnets", "subnet"),
            vpc_security_groups=_ids(node, "vpc_security_groups", "sg"),
            channel_urls=_prefixed(node, _CHANNEL_URL),
            deployment=_prefixed(node, _DEPLOYMENT),
        )
    except ValueError as problem:
        raise Misconfigured(str(problem)) from None
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", read.stage):
        raise Misconfigured(f'a stage is named with small letters, digits and "-" (at most 20), not "{read.stage}"')
    if read.target.name == "aws" and read.channel_urls:
        raise Misconfigured("channel_url_* sends customers' messages elsewhere: only with -c target=local")
    if read.target.name == "aws":
        _check_network(read)
    _check_scanning(read)
    if not 2 <= read.concurrency <= 1000:
        raise Misconfigured("concurrency is a number from 2 to 1000 (the limits of an SQS trigger)")
    return read


def _check_network(read: Configuration) -> None:
    for entry in filter(None, (each.strip() for each in read.private_hosts.split(","))):
        if trouble := host_trouble(entry):
            raise Misconfigured(f'private_hosts: "{entry}" {trouble}')
    if bool(read.vpc_subnets) != bool(read.vpc_security_groups):
        raise Misconfigured("vpc_subnets and vpc_security_groups belong together: say both, or none")
    if read.private_hosts and not read.vpc_subnets:
        raise Misconfigured("private_hosts lie in a VPC, and no function is in one: say vpc_subnets, too")


def _check_scanning(read: Configuration) -> None:
    if (read.malware_scanning == "clamav") != bool(read.clamd):
        raise Misconfigured("malware_scanning=clamav and clamd=host:port belong together: say both, or none")
    if read.clamd and not re.fullmatch(r"[A-Za-z0-9.-]+:[0-9]{1,5}", read.clamd):
        raise Misconfigured(f'clamd is host:port, such as clamd.internal:3310, not "{read.clamd}"')
    if not 60 <= read.scan_seconds <= 3600:
        raise Misconfigured("scan_seconds is a number from 60 to 3600: a deadline comes to the minute")


def _scanner(said: str) -> str:
    if said not in ("", "off", "guardduty", "clamav"):
        raise Misconfigured(f'malware_scanning is off, guardduty or clamav, not "{said}"')
    return "" if said == "off" else said


def _ids(node: Node, key: str, kind: str) -> tuple[str, ...]:
    said = tuple(filter(None, (each.strip() for each in _text(node, key).split(","))))
    for each in said:
        if not re.fullmatch(rf"{kind}-[0-9a-f]{{8,17}}", each):
            raise Misconfigured(f'{key} are ids such as {kind}-0123456789abcdef0, comma-separated, not "{each}"')
    return said


def _email(node: Node, key: str) -> str:
    said = _text(node, key)
    if said and not re.fullmatch(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+", said):
        raise Misconfigured(f'{key} is one e-mail address, not "{said}"')
    return said


def _origins(said: str) -> tuple[str, ...]:
    origins = tuple(filter(None, (each.strip().rstrip("/") for each in said.split(","))))
    for origin in origins:
        if not re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?|http://(localhost|127\.0\.0\.1)(:[0-9]+)?", origin):
            raise Misconfigured(f'console_origins are origins such as https://console.example.com, not "{origin}"')
    return origins


def _key(said: str) -> str:
    if said.lower() in ("", "true", "false"):
        return "" if said.lower() == "false" else said.lower()
    if not re.fullmatch(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+", said):
        raise Misconfigured(f'kms is "true" or the ARN of a KMS key (arn:aws:kms:...:key/...), not "{said}"')
    return said


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
    every = node.get_all_context() or {}
    return {key.removeprefix(prefix): str(value) for key, value in every.items() if key.startswith(prefix)}
