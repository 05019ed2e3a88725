"""Setup of the channel after the deployment: store its secrets and connect its webhook by the channel's handshake."""

from __future__ import annotations

import time
from typing import Any

import httpx

from chatflow.channels import manifest
from chatflow_cli.channels.account_secrets import AccountSecrets
from local.description import Description
from local.emulator.client import aws_client


class HandshakeFailed(RuntimeError):
    """The deployed webhook did not pass the channel's handshake; the message contains its response."""


def store_secrets(stack: Description) -> None:
    """Store what a person would enter: the account's credentials as `make connect-whatsapp` does, and a secret."""
    secrets = aws_client("secretsmanager", stack.aws_endpoint_url)
    channel = {
        "access_token": stack.access_token,
        "app_secret": stack.app_secret,
        "verify_token": stack.verify_token,
        "phone_number_id": stack.phone_number_id,
    }
    accounts = AccountSecrets(secrets, stack.stack_name, stack.outputs["ConversationSecret"])
    accounts.store(manifest.load("whatsapp"), stack.phone_number_id, channel, "Chatflow Demo")
    _put(secrets, f"{stack.stack_name}/business/claims-token", stack.claims_token)


def connect_webhook(stack: Description, within: float = 60.0) -> None:
    """Verify the webhook as WhatsApp would, then set its address in the simulator; raises HandshakeFailed.

    `within` is the limit in seconds.
    """
    challenge = "1158201444"
    query = {"hub.mode": "subscribe", "hub.verify_token": stack.verify_token, "hub.challenge": challenge}
    deadline = time.monotonic() + within
    while True:
        response = httpx.get(stack.webhook_url, params=query, timeout=within)
        if response.status_code == 200 and response.text == challenge:
            break
        # The function may still be starting during the first call.
        if response.status_code < 500 or time.monotonic() > deadline:
            raise HandshakeFailed(f"GET {stack.webhook_url} answered {response.status_code}: {response.text[:300]}")
        time.sleep(0.5)
    httpx.post(f"{stack.handset_url}/handset/settings", json={"webhook_url": stack.webhook_url}).raise_for_status()


def _put(secrets: Any, name: str, value: str) -> None:
    try:
        secrets.put_secret_value(SecretId=name, SecretString=value)
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name=name, SecretString=value)
