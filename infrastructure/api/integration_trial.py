"""Trying an integration: a function of its own, since it reads secrets, which the management API may not."""

from __future__ import annotations

from constructs import Construct

from chatflow.settings import TrialSettings
from infrastructure import timeouts as deadlines
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import House, Room
from infrastructure.security import nag as waivers
from infrastructure.security import vpc as network
from infrastructure.security.secrets import Secrets


class Trial(Construct):
    """It may read the business's secrets and clean files of the library, and write nothing."""

    def __init__(self, scope: Construct, name: str, *, house: House, storage: Storage, secrets: Secrets) -> None:
        super().__init__(scope, name)
        settings = TrialSettings(
            asset_bucket=storage.asset_bucket.bucket_name,
            business_secret_prefix=secrets.business_prefix,
            private_hosts=house.configuration.private_hosts,
        )
        self.room = Room(
            self,
            "Calls",
            house=house,
            room="integration_trial",
            function_name="trial",
            about="Tries an integration for the management API, and tells what came of it.",
            environment=settings.to_environment(),
            timeout=deadlines.TRIAL,
            memory=512,  # as much as a node that moves files
        )
        self.room.allow(["secretsmanager:GetSecretValue"], [secrets.business_arn])
        if house.configuration.vpc_subnets:
            network.join(self.room, house.configuration.vpc_subnets, house.configuration.vpc_security_groups)
        clean = {"StringEquals": {"s3:ExistingObjectTag/state": "clean"}}
        self.room.allow(["s3:GetObject"], [storage.asset_bucket.arn_for_objects("asset/*")], clean)
        waivers.for_trial(self.room, storage.asset_bucket, secrets.business_arn)
