"""The stack: creates each construct and passes it what it depends on.

Logical ids derive from the construct ids here, which therefore stay: a renamed construct replaces its resources.
"""

from __future__ import annotations

from aws_cdk import DefaultStackSynthesizer, Stack
from constructs import Construct

from infrastructure.api.channel_routes import add_channel_routes
from infrastructure.api.integration_trial import IntegrationTrial
from infrastructure.api.management_api import ManagementApi
from infrastructure.api.push_api import add_push_api
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.channels import read_channels
from infrastructure.configuration import Configuration
from infrastructure.console.console import Console
from infrastructure.conversation.contact_erasure import ContactErasure
from infrastructure.conversation.conversation_function import ConversationFunction
from infrastructure.conversation.delayed_events import DelayedEvents
from infrastructure.conversation.delivery_statuses import DeliveryStatuses
from infrastructure.conversation.malware_scan import MalwareScan
from infrastructure.conversation.node_types import NodeTypes
from infrastructure.conversation.schedules import Schedules
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.asset_processing import AssetProcessing
from infrastructure.data.bucket_cleanup import BucketCleanup
from infrastructure.data.publish_on_deploy import PublishOnDeploy
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, Layers
from infrastructure.operations.dashboard import console_links
from infrastructure.operations.observability import Observability
from infrastructure.operations.outputs import add_outputs
from infrastructure.packaging.builder import Packages
from infrastructure.security.encryption_key import EncryptionKey
from infrastructure.security.secrets import Secrets
from infrastructure.security.user_pool import UserPool


class Chatflow(Stack):
    """One deployment of Chatflow."""

    def __init__(self, scope: Construct, configuration: Configuration) -> None:
        # With its own prefix, the publishing function can be limited to the uploads of this stack.
        upload_prefix = f"chatflow-{configuration.stage}/"
        super().__init__(
            scope,
            configuration.stack_name,
            description="Chatflow: conversations that move files.",
            synthesizer=DefaultStackSynthesizer(bucket_prefix=upload_prefix),
            termination_protection=configuration.keeps_data,
        )
        channels = read_channels()
        EncryptionKey(self, configuration=configuration)
        packages = Packages(configuration.target, ca_bundle=configuration.ca_bundle)
        defaults = FunctionDefaults(configuration, packages, Layers(self, "Layers", packages=packages))

        storage = Storage(self, "Storage", configuration=configuration)
        queues = Queues(self, "Queues", configuration=configuration)
        secrets = Secrets(self, "Secrets", configuration=configuration)
        schedules = Schedules(self, "Schedules", configuration=configuration, queues=queues)

        webhooks = WebhookApi(self, "Webhooks", defaults=defaults, queues=queues, secrets=secrets)
        add_channel_routes(webhooks, channels)
        push = add_push_api(self, channels, defaults=defaults, secrets=secrets)
        node_types = NodeTypes(self, "NodeTypes", defaults=defaults, storage=storage, secrets=secrets, push=push)
        turn = TurnMachine(self, "Turn", configuration=configuration, node_types=node_types)
        erasure = ContactErasure(
            self, "Erasure", defaults=defaults, storage=storage, queues=queues, schedules=schedules, push=push
        )
        conversation = ConversationFunction(
            self,
            "Conversation",
            defaults=defaults,
            storage=storage,
            queues=queues,
            schedules=schedules,
            turn=turn,
            node_types=node_types,
            erasure=erasure,
        )

        delayed_events = DelayedEvents(
            self, "Timers", defaults=defaults, queues=queues, schedules=schedules, storage=storage
        )

        statuses = DeliveryStatuses(self, "Statuses", defaults=defaults, storage=storage, queues=queues)

        scans = []
        if configuration.malware_scanning:
            scans = [MalwareScan(self, "Scans", defaults=defaults, storage=storage, queues=queues)]

        trial = IntegrationTrial(self, "Trial", defaults=defaults, storage=storage, secrets=secrets)
        users = UserPool(self, "Access", configuration=configuration)
        console = None
        if configuration.console:
            console = Console(
                self,
                "Console",
                defaults=defaults,
                storage=storage,
                webhooks=webhooks,
                users=users,
                upload_prefix=upload_prefix,
            )
        management = ManagementApi(
            self,
            "Management",
            defaults=defaults,
            storage=storage,
            queues=queues,
            secrets=secrets,
            webhooks=webhooks,
            users=users,
        )

        assets = AssetProcessing(self, "Library", defaults=defaults, storage=storage, queues=queues)
        publishing = PublishOnDeploy(
            self, "Publishing", defaults=defaults, storage=storage, upload_prefix=upload_prefix
        )
        publishing.node.add_dependency(assets)  # which processes the files that a deploy adds
        if not configuration.keeps_data:
            # After everything that writes to the buckets, which it finds.
            BucketCleanup(self, "Emptying", defaults=defaults, buckets=storage.buckets)

        observability = Observability(
            self,
            "Observability",
            configuration=configuration,
            queues=queues,
            turn=turn,
            webhooks=webhooks,
            # CloudFormation reports a failure of the bucket cleanup, and of the console's upload, itself.
            functions=[
                *(webhooks.function, conversation.function, *node_types.functions.values()),
                *(delayed_events.function, statuses.function),
                *(management.function, trial.function, assets.function, publishing.function, erasure.function),
                *(scan.function for scan in scans),
                *([push.function] if push else []),
            ],
            node_types=node_types,
            conversation=conversation.function,
            links=console_links(self, turn=turn, queues=queues, storage=storage, users=users, management=management),
        )
        add_outputs(
            self,
            storage=storage,
            queues=queues,
            secrets=secrets,
            webhooks=webhooks,
            turn=turn,
            conversation=conversation,
            observability=observability,
            users=users,
            management=management,
            console=console,
            configuration=configuration,
        )
