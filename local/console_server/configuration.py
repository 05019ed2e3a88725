"""The console's `config.json` on the local stack: what `infrastructure/console` writes on AWS, at the emulator."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from local.deployment import STAGE
from local.description import Description
from local.emulator.client import REGION


def configuration(stack: Description) -> dict[str, Any]:
    """As `console/src/app/configuration.ts` reads it. The issuer is AWS's, as tokens of the emulator name it."""
    emulator = stack.aws_endpoint_url
    return {
        "stage": STAGE,
        "api": urlsplit(stack.outputs["ManagementUrl"]).path,
        "sign_in": {
            "issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{stack.outputs['UserPoolId']}",
            "client_id": stack.outputs["ConsoleClientId"],
            "authorization_endpoint": f"{emulator}/oauth2/authorize",
            "token_endpoint": f"{emulator}/oauth2/token",
            "revocation_endpoint": f"{emulator}/oauth2/revoke",
            "logout_endpoint": f"{emulator}/logout",
            "identity_endpoint": f"{emulator}/",
        },
    }
