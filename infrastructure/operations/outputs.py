"""The outputs of the stack: addresses and names for operators, scripts and the local stack."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack

from infrastructure.api.management_api import ManagementApi
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.configuration import Configuration
from infrastructure.console.console import Console
from infrastructure.conversation.conversation_function import ConversationFunction
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.operations.observability import Observability
from infrastructure.security.secrets import Secrets
from infrastructure.security.user_pool import UserPool


def add_outputs(
    stack: Stack,
    *,
    storage: Storage,
    queues: Queues,
    secrets: Secrets,
    webhooks: WebhookApi,
    turn: TurnMachine,
    conversation: ConversationFunction,
    observability: Observability,
    users: UserPool,
    management: ManagementApi,
    console: Console | None,
    configuration: Configuration,
) -> None:
    """The outputs of a channel end in its name: `ChannelSecret` where the stack has one for the whole channel.

    `ChannelUrl` and `ChannelVersion` say where the deployment calls its API, and at which version, if not as usual.
    """
    values = {
        "ApiUrl": webhooks.api.api_endpoint,
        "WebhookUrl": webhooks.webhook_url,
        "SessionsTable": storage.sessions.table_name,
        "EffectsTable": storage.effects.table_name,
        "DeliveriesTable": storage.deliveries.table_name,
        "FlowsTable": storage.flows.table_name,
        "AssetsTable": storage.assets.table_name,
        "UploadsTable": storage.uploads.table_name,
        "HostsTable": storage.hosts.table_name,
        "RatesTable": storage.rates.table_name,
        "MediaBucket": storage.media_bucket.bucket_name,
        "AssetBucket": storage.asset_bucket.bucket_name,
        "EventsQueue": queues.events.queue_url,
        "EventsDeadLetters": queues.events_dead_letters.queue_url,
        "ScheduleDeadLetters": queues.schedule_dead_letters.queue_url,
        "TurnMachine": turn.machine.state_machine_arn,
        "WebhookFunction": webhooks.function.name,
        "ConversationFunction": conversation.function.name,
        "ConversationSecret": secrets.conversation_name,
        "BusinessSecretPrefix": secrets.business_prefix,
        "AuditTable": storage.audit.table_name,
        "ManagementFunction": management.function.name,
        "ManagementUrl": management.url,
        "UserPoolId": users.pool.user_pool_id,
        "UserPoolClientId": users.client.user_pool_client_id,
        **({"ConsoleUrl": console.url, "ConsoleClientId": console.client.user_pool_client_id} if console else {}),
        "Region": stack.region,
        # To copy and run; the command line asks for the user and the password.
        "CommandLine": f"chatflow login {management.url} --client {users.client.user_pool_client_id} "
        f"--region {stack.region}",
        "DashboardUrl": observability.dashboard_url,
        **{f"ChannelSecret{_title(channel)}": f"{secrets.channel_prefix}{channel}" for channel in secrets.channels},
        **{f"ChannelUrl{_title(channel)}": url for channel, url in configuration.channel_urls.items() if url},
        **{
            f"ChannelVersion{_title(channel)}": each for channel, each in configuration.channel_versions.items() if each
        },
    }
    for name, value in values.items():
        CfnOutput(stack, name, value=value)


def _title(channel: str) -> str:
    return channel.title().replace("_", "")
