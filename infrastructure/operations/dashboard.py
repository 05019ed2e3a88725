"""Where in the AWS console an operator finds what: links on the dashboard."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.api.management_api import Management
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.security.user_pool import Access


def console_links(
    scope: Construct, *, turn: TurnMachine, queues: Queues, storage: Storage, access: Access, management: Management
) -> str:
    """Markdown for a widget of text."""
    place = f"https://{Stack.of(scope).region}.console.aws.amazon.com"
    region = f"region={Stack.of(scope).region}"
    table = f"{place}/dynamodbv2/home?{region}#item-explorer?table="
    machine = turn.machine.state_machine_arn
    links: Mapping[str, str] = {
        "Executions of the turn machine": f"{place}/states/home?{region}#/statemachines/view/{machine}",
        "Saved queries (Logs Insights)": f"{place}/cloudwatch/home?{region}#logsV2:logs-insights",
        **{
            f"Dead letters of {name}": f"{place}/sqs/v3/home?{region}#/queues/{_encoded(queue)}"
            for name, queue in queues.dead_letters.items()
        },
        "Sessions": f"{table}{storage.sessions.table_name}",
        "Audit": f"{table}{storage.audit.table_name}",
        "Customers' files": f"{place}/s3/buckets/{storage.media_bucket.bucket_name}?{region}",
        "Asset library": f"{place}/s3/buckets/{storage.asset_bucket.bucket_name}?{region}",
        "Users": f"{place}/cognito/v2/idp/user-pools/{access.pool.user_pool_id}/user-management/users?{region}",
        "Secrets": f"{place}/secretsmanager/listsecrets?{region}",
    }
    shown = " · ".join(f"[{title}]({link})" for title, link in links.items())
    return f"**Look closer:** {shown}\n\nManagement API: `{management.url}` · docs/console.md says what is found where."


def _encoded(queue: sqs.Queue) -> str:
    """The queue's URL as the console's own addresses hold it."""
    stack = Stack.of(queue)
    return f"https%3A%2F%2Fsqs.{stack.region}.amazonaws.com%2F{stack.account}%2F{queue.queue_name}"
