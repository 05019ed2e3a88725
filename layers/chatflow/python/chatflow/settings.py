"""The settings that a deployment gives each function, as environment variables: one frozen dataclass for each function.

The same class writes the environment in CDK and reads it in Lambda, so that a variable's name exists once. A handler
reads it lazily, never at import: a test or a build may import a handler without an environment.

Nothing compares or shows settings. `dataclasses` compiles each method of each class when a process starts: without the
methods for it, these classes cost half (decision record 0041).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

_PREFIX = "CHATFLOW_"
_CHANNEL_URL = f"{_PREFIX}CHANNEL_URL_"
_CHANNEL_VERSION = f"{_PREFIX}CHANNEL_VERSION_"


@dataclass(frozen=True, eq=False, repr=False)
class Settings:
    """Every field is a string, since an environment holds nothing else."""

    def to_environment(self) -> dict[str, str]:
        """The variables to set on the function. Empty ones are left out."""
        return {f"{_PREFIX}{name.upper()}": value for name, value in asdict(self).items() if value}

    @classmethod
    def from_environment(cls) -> Self:
        """A missing variable reads as "": the first AWS call that needs it fails and names it."""
        return cls(**{name: os.environ.get(f"{_PREFIX}{name.upper()}", "") for name in cls.__dataclass_fields__})


@dataclass(frozen=True, eq=False, repr=False)
class WebhookSettings(Settings):
    stage: str
    events_queue_url: str
    statuses_queue_url: str
    conversation_secret: str
    channel_secret_prefix: str


@dataclass(frozen=True, eq=False, repr=False)
class ConnectionsSettings(Settings):
    connections_table: str
    conversation_secret: str
    channel_secret_prefix: str


@dataclass(frozen=True, eq=False, repr=False)
class ConversationSettings(Settings):
    """`receives`: how often an event is received before SQS itself moves it to the dead-letter queue.

    `send_text_type` and `store_file_type`: the node types with these tasks (`chatflow.nodes.manifest`).
    `traced_percent`: of the turns, how many X-Ray records.
    """

    sessions_table: str
    flows_table: str
    turn_machine_arn: str
    events_queue_url: str
    events_queue_arn: str
    delayed_events_queue_url: str
    delayed_events_queue_arn: str
    schedule_group: str
    schedule_role_arn: str
    schedule_dead_letters_arn: str
    receives: str
    erasure_function: str
    events_dead_letters_url: str
    send_text_type: str
    store_file_type: str
    traced_percent: str


@dataclass(frozen=True, eq=False, repr=False)
class DeliveryStatusesSettings(Settings):
    deliveries_table: str
    events_queue_url: str


@dataclass(frozen=True, eq=False, repr=False)
class DelayedEventsSettings(Settings):
    sessions_table: str
    events_queue_url: str
    events_queue_arn: str
    delayed_events_queue_url: str
    delayed_events_queue_arn: str
    schedule_group: str
    schedule_role_arn: str
    schedule_dead_letters_arn: str


@dataclass(frozen=True, eq=False, repr=False)
class NodeSettings(Settings):
    """`private_hosts`: comma-separated host or host:port that calls may reach although they are internal.

    `scan_seconds`: how long a customer's file may wait for a malware scanner's verdict, empty without a scanner.
    `deliveries_table`: where statuses show whether a message in doubt was sent; empty where nothing records them.
    `read_marks`: not empty where customers see that their files were read, on channels that can show it.
    `hosts_table`: slots of the hosts that integrations call, empty where none are counted; `calls_per_host`: how many
    calls may be at one host, unless an integration says so.
    `rates_table`: the pace of each account, empty where none is kept; `account_rates`: `<account>=<messages a second>`,
    comma-separated, of accounts whose rate is not their channel's.
    `connections_table` and `push_endpoint`: the open connections of contacts, and the HTTPS address of the WebSocket
    API's stage that has them; empty where no channel requests `push`.
    """

    effects_table: str
    media_bucket: str
    asset_bucket: str
    assets_table: str
    uploads_table: str
    channel_secret_prefix: str
    business_secret_prefix: str
    private_hosts: str = ""
    scan_seconds: str = ""
    deliveries_table: str = ""
    read_marks: str = ""
    hosts_table: str = ""
    calls_per_host: str = ""
    rates_table: str = ""
    account_rates: str = ""
    connections_table: str = ""
    push_endpoint: str = ""

    @property
    def private(self) -> frozenset[str]:
        return frozenset(host.strip() for host in self.private_hosts.split(",") if host.strip())

    def rate_of(self, account: str) -> float:
        """The messages a second of this account that the deployment says; 0.0 when it says none."""
        rates = dict(each.split("=") for each in self.account_rates.split(",") if each)
        return float(rates.get(account, 0.0))


@dataclass(frozen=True, eq=False, repr=False)
class PublishOnDeploySettings(Settings):
    flows_table: str
    assets_table: str
    asset_bucket: str


@dataclass(frozen=True, eq=False, repr=False)
class IntegrationTrialSettings(Settings):
    """`private_hosts`: the same as a node's, so that a trial may reach what a node may."""

    asset_bucket: str
    business_secret_prefix: str
    private_hosts: str = ""

    @property
    def private(self) -> frozenset[str]:
        return frozenset(host.strip() for host in self.private_hosts.split(",") if host.strip())


@dataclass(frozen=True, eq=False, repr=False)
class ManagementSettings(Settings):
    """`trial_function` tries integrations. `secrets_key`: the key that encrypts new secrets, empty for AWS's own."""

    stage: str = ""
    sessions_table: str = ""
    flows_table: str = ""
    assets_table: str = ""
    deliveries_table: str = ""
    audit_table: str = ""
    repeats_table: str = ""
    hosts_table: str = ""
    calls_per_host: str = ""
    media_bucket: str = ""
    asset_bucket: str = ""
    events_queue_url: str = ""
    events_dead_letters_url: str = ""
    schedule_dead_letters_url: str = ""
    conversation_secret: str = ""
    business_secret_prefix: str = ""
    trial_function: str = ""
    secrets_key: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class ContactErasureSettings(Settings):
    """`connections_table`: empty where no channel requests `push`."""

    sessions_table: str
    effects_table: str
    deliveries_table: str
    media_bucket: str
    events_dead_letters_url: str
    schedule_dead_letters_url: str
    schedule_group: str
    connections_table: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class AssetProcessingSettings(Settings):
    assets_table: str
    asset_bucket: str


@dataclass(frozen=True, eq=False, repr=False)
class MalwareScanSettings(Settings):
    """`clamd`: host:port of the scanner, empty where GuardDuty scans."""

    media_bucket: str
    events_queue_url: str
    clamd: str = ""


def channel_urls(urls: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that send a channel's calls to a stand-in, on the local stack."""
    return {f"{_CHANNEL_URL}{channel.upper()}": url for channel, url in urls.items() if url}


def channel_versions(versions: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that choose another version of a channel's API than its manifest does."""
    return {f"{_CHANNEL_VERSION}{channel.upper()}": version for channel, version in versions.items() if version}


def channel_version(channel: str) -> str:
    """The version of a channel's API that this deployment calls; "" means the manifest's."""
    return os.environ.get(f"{_CHANNEL_VERSION}{channel.upper()}", "")


def channel_url(channel: str) -> str:
    """The URL at which this deployment calls a channel; "" means the channel's own API."""
    return os.environ.get(f"{_CHANNEL_URL}{channel.upper()}", "")
