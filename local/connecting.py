"""After the deploy: the secrets get their values, and the channel is connected by its own handshake."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from local.description import Description
from local.emulator.serving import ACCOUNT, REGION


class NotConnected(RuntimeError):
    """The deployed webhook did not pass the channel's handshake; the message says what it answered."""


def client(service: str, endpoint: str) -> Any:
    """A boto3 client of the emulator, as its root user."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="test",
        config=Config(inject_host_prefix=False),
    )


def store_secrets(stack: Description) -> None:
    """Put the values that a person would put with `make connect-whatsapp` and in the console."""
    secrets = client("secretsmanager", stack.aws_endpoint_url)
    channel = {
        "access_token": stack.access_token,
        "app_secret": stack.app_secret,
        "verify_token": stack.verify_token,
        "phone_number_id": stack.phone_number_id,
    }
    _put(secrets, f"{stack.stack_name}/channels/whatsapp", json.dumps(channel))
    _put(secrets, f"{stack.stack_name}/business/claims-token", stack.claims_token)


def connect_handset(stack: Description, within: float = 60.0) -> None:
    """Verify the webhook as WhatsApp would, then tell the handset to call it; raises NotConnected."""
    challenge = "1158201444"
    asked = {"hub.mode": "subscribe", "hub.verify_token": stack.verify_token, "hub.challenge": challenge}
    deadline = time.monotonic() + within
    while True:
        answer = httpx.get(stack.webhook_url, params=asked, timeout=within)
        if answer.status_code == 200 and answer.text == challenge:
            break
        # A first call may meet a function that is still starting.
        if answer.status_code < 500 or time.monotonic() > deadline:
            raise NotConnected(f"GET {stack.webhook_url} answered {answer.status_code}: {answer.text[:300]}")
        time.sleep(0.5)
    httpx.post(f"{stack.handset_url}/handset/settings", json={"webhook_url": stack.webhook_url}).raise_for_status()


def _put(secrets: Any, name: str, value: str) -> None:
    try:
        secrets.put_secret_value(SecretId=name, SecretString=value)
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name=name, SecretString=value)
