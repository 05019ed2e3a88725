"""What the stack tells: the addresses and names that a person, a script or the local stack asks for."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack

from infrastructure.api.management_api import Management
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.conversation.conversation_function import Conversation
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.operations.observability import Observability
from infrastructure.security.secrets import Secrets
from infrastructure.security.user_pool import Access


def outputs(
    stack: Stack,
    *,
    storage: Storage,
    queues: Queues,
    secrets: Secrets,
    webhook: WebhookApi,
    turn: TurnMachine,
    conversation: Conversation,
    observability: Observability,
    access: Access,
    management: Management,
) -> None:
    """One output for each resource; a channel's secret is `ChannelSecret` and the channel's name."""
    told = {
        "ApiUrl": webhook.api.api_endpoint,
        "WebhookUrl": webhook.webhook_url,
        "SessionsTable": storage.sessions.table_name,
        "EffectsTable": storage.effects.table_name,
        "DeliveriesTable": storage.deliveries.table_name,
        "FlowsTable": storage.flows.table_name,
        "AssetsTable": storage.assets.table_name,
        "UploadsTable": storage.uploads.table_name,
        "MediaBucket": storage.media_bucket.bucket_name,
        "AssetBucket": storage.asset_bucket.bucket_name,
        "EventsQueue": queues.events.queue_url,
        "EventsDeadLetters": queues.events_dead_letters.queue_url,
        "ScheduleDeadLetters": queues.schedule_dead_letters.queue_url,
        "TurnMachine": turn.machine.state_machine_arn,
        "WebhookFunction": webhook.room.function.function_name,
        "ConversationFunction": conversation.room.function.function_name,
        "ConversationSecret": secrets.conversation_name,
        "BusinessSecretPrefix": secrets.business_prefix,
        "AuditTable": storage.audit.table_name,
        "ManagementFunction": management.room.function.function_name,
        "ManagementUrl": management.url,
        "UserPoolId": access.pool.user_pool_id,
        "UserPoolClientId": access.client.user_pool_client_id,
        "Region": stack.region,
        # To be copied as it is; the command line asks for the user and the password.
        "CommandLine": f"chatflow login {management.url} --client {access.client.user_pool_client_id} "
        f"--region {stack.region}",
        "DashboardUrl": observability.dashboard_url,
        **{
            f"ChannelSecret{channel.title().replace('_', '')}": f"{secrets.channel_prefix}{channel}"
            for channel in secrets.channels
        },
    }
    for name, value in told.items():
        CfnOutput(stack, name, value=value)
