"""The web console of a stack: its sign-in and, unless another origin serves it, its address and its files."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from constructs import Construct

from infrastructure.api.management_api import PREFIX
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.configuration import CLOUDFRONT
from infrastructure.console.distribution import Distribution
from infrastructure.console.files import ConsoleFiles
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults
from infrastructure.security.user_pool import UserPool


class Console(Construct):
    """Made before the management API, which accepts the tokens of the console's client."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        defaults: FunctionDefaults,
        storage: Storage,
        webhooks: WebhookApi,
        users: UserPool,
        upload_prefix: str,
    ) -> None:
        super().__init__(scope, name)
        configuration = defaults.configuration
        login_page = users.add_login_page()
        identity = f"https://cognito-idp.{Stack.of(self).region}.amazonaws.com"
        if configuration.console != CLOUDFRONT:
            self.url = configuration.console
            self.client = users.add_browser_client("Console", self.url)
            return
        distribution = Distribution(
            self, "Web", storage=storage, webhooks=webhooks, login_page=login_page, identity=identity
        )
        self.url = distribution.origin
        self.client = users.add_browser_client("Console", self.url)
        ConsoleFiles(
            self,
            "Files",
            defaults=defaults,
            bucket=distribution.bucket,
            configuration=self._configuration(configuration.stage, users.issuer, login_page, identity),
            upload_prefix=upload_prefix,
        )

    def _configuration(self, stage: str, issuer: str, login_page: str, identity: str) -> dict[str, Any]:
        """The content of config.json, as console/src/app/configuration.ts reads it."""
        return {
            "stage": stage,
            "api": PREFIX,
            "sign_in": {
                "issuer": issuer,
                "client_id": self.client.user_pool_client_id,
                "authorization_endpoint": f"{login_page}/oauth2/authorize",
                "token_endpoint": f"{login_page}/oauth2/token",
                "revocation_endpoint": f"{login_page}/oauth2/revoke",
                "logout_endpoint": f"{login_page}/logout",
                "identity_endpoint": f"{identity}/",
            },
        }
