"""The stack: what there is, and what it stands on. Each construct is a domain, in a file of its own name."""

from __future__ import annotations

from aws_cdk import DefaultStackSynthesizer, Stack
from constructs import Construct

from infrastructure.api.integration_trial import Trial
from infrastructure.api.management_api import Management
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.configuration import Configuration
from infrastructure.conversation.conversation_function import Conversation
from infrastructure.conversation.node_types import NodeTypes
from infrastructure.conversation.schedules import Schedules
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.asset_processing import Library
from infrastructure.data.bucket_cleanup import Emptying
from infrastructure.data.contact_erasure import Erasure
from infrastructure.data.publish_on_deploy import Publishing
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import House
from infrastructure.layers import Layers
from infrastructure.operations.dashboard import console_links
from infrastructure.operations.observability import Observability
from infrastructure.operations.outputs import outputs
from infrastructure.packaging import Packages
from infrastructure.security.encryption_key import Keys
from infrastructure.security.malware_scan import Scans
from infrastructure.security.secrets import Secrets
from infrastructure.security.user_pool import Access


class Chatflow(Stack):
    """One deployment of Chatflow."""

    def __init__(self, scope: Construct, configuration: Configuration) -> None:
        # A prefix of its own, so that the publishing function can be allowed to read this stack's uploads alone.
        uploaded = f"chatflow-{configuration.stage}/"
        super().__init__(
            scope,
            configuration.stack_name,
            description="Chatflow: conversations that move files.",
            synthesizer=DefaultStackSynthesizer(bucket_prefix=uploaded),
            termination_protection=configuration.keeps_data,
        )
        Keys(self, configuration=configuration)
        packages = Packages(configuration.target)
        house = House(configuration, packages, Layers(self, "Layers", packages=packages))

        storage = Storage(self, "Storage", configuration=configuration)
        queues = Queues(self, "Queues")
        secrets = Secrets(self, "Secrets", configuration=configuration)
        schedules = Schedules(self, "Schedules", configuration=configuration, queues=queues)

        webhook = WebhookApi(self, "Webhooks", house=house, storage=storage, queues=queues, secrets=secrets)
        node_types = NodeTypes(self, "NodeTypes", house=house, storage=storage, secrets=secrets)
        turn = TurnMachine(self, "Turn", house=house, node_types=node_types)
        erasure = Erasure(self, "Erasure", house=house, storage=storage, queues=queues, schedules=schedules)
        conversation = Conversation(
            self,
            "Conversation",
            house=house,
            storage=storage,
            queues=queues,
            schedules=schedules,
            turn=turn,
            erasure=erasure,
        )

        scans = None
        if configuration.malware_scanning:
            scans = Scans(self, "Scans", house=house, storage=storage, queues=queues)

        trial = Trial(self, "Trial", house=house, storage=storage, secrets=secrets)
        access = Access(self, "Access", configuration=configuration)
        management = Management(
            self,
            "Management",
            house=house,
            storage=storage,
            queues=queues,
            secrets=secrets,
            webhooks=webhook,
            access=access,
        )

        library = Library(self, "Library", house=house, storage=storage, queues=queues)
        publishing = Publishing(self, "Publishing", house=house, storage=storage, uploaded=uploaded)
        publishing.node.add_dependency(library)  # which hears of the files that a deploy adds, and draws them
        if not configuration.keeps_data:
            Emptying(self, "Emptying", house=house, buckets=storage.buckets)

        observability = Observability(
            self,
            "Observability",
            configuration=configuration,
            queues=queues,
            turn=turn,
            webhooks=webhook,
            node_rooms=node_types.rooms,
            look_closer=console_links(
                self, turn=turn, queues=queues, storage=storage, access=access, management=management
            ),
            rooms=[
                *(webhook.room, conversation.room, *node_types.rooms.values()),
                *(management.room, trial.room, library.room, publishing.room, erasure.room),
                *([scans.room] if scans else []),
            ],
        )
        outputs(
            self,
            storage=storage,
            queues=queues,
            secrets=secrets,
            webhook=webhook,
            turn=turn,
            conversation=conversation,
            observability=observability,
            access=access,
            management=management,
        )
