"""The function that tries an integration: it reads secrets, which the management API may not."""

from __future__ import annotations

from constructs import Construct

from chatflow.settings import IntegrationTrialSettings
from infrastructure import timeouts
from infrastructure.data.object_tags import has_state
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.security.secrets import Secrets
from infrastructure.vpc import attach_to_vpc


class IntegrationTrial(Construct):
    """It may read the business's secrets and clean files of the asset library, and write nothing."""

    def __init__(
        self, scope: Construct, name: str, *, defaults: FunctionDefaults, storage: Storage, secrets: Secrets
    ) -> None:
        super().__init__(scope, name)
        settings = IntegrationTrialSettings(
            asset_bucket=storage.asset_bucket.bucket_name,
            business_secret_prefix=secrets.business_prefix,
            private_hosts=defaults.configuration.private_hosts,
        )
        self.function = LambdaFunction(
            self,
            "Calls",
            defaults=defaults,
            folder="integration_trial",
            function_name="trial",
            description="Tries an integration for the management API, and returns the result.",
            environment=settings.to_environment(),
            timeout=timeouts.INTEGRATION_TRIAL,
            memory=512,  # as much as a node that moves files
            no_dead_letter_queue="The management API waits for the answer, and sees every failure.",
        )
        self.function.allow(["secretsmanager:GetSecretValue"], [secrets.business_arn])
        attach_to_vpc(self.function, defaults.configuration)
        self.function.allow(["s3:GetObject"], [storage.asset_contents], has_state("clean"))
