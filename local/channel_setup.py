"""Setup of the channels after the deployment: store their secrets and connect their webhooks, as a person would."""

from __future__ import annotations

import json
import time
from secrets import token_hex
from typing import Any

import httpx

from chatflow.channels import manifest
from chatflow_cli.channels.account_secrets import AccountSecrets
from chatflow_cli.channels.connecting import connect
from chatflow_cli.channels.deployment import find_deployment
from chatflow_cli.errors import CommandError
from local.cdk import ROOT
from local.deployment import STAGE
from local.description import Description
from local.emulator.client import account_of_the_emulator, aws_client
from local.suggestions import suggestions


class HandshakeFailed(RuntimeError):
    """A channel was not connected; the message says why, such as the response to the handshake."""


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


def connect_telegram(stack: Description) -> None:
    """Connect the bot as `chatflow channels connect telegram` does, which also sets its webhook.

    Raises HandshakeFailed.
    """
    with account_of_the_emulator(stack.aws_endpoint_url):
        try:
            deployment = find_deployment(STAGE)
            connected = connect(deployment, "telegram", stack.telegram_bot_id, lambda *_: stack.telegram_bot_token)
        except CommandError as error:
            raise HandshakeFailed(f"The bot is not connected. {error.title} {error.detail}") from None
    stack.telegram_webhook_url = connected.webhook_url
    secrets = aws_client("secretsmanager", stack.aws_endpoint_url)
    credentials = json.loads(secrets.get_secret_value(SecretId=connected.secret)["SecretString"])
    stack.telegram_secret_token = credentials["secret_token"]


def connect_number(stack: Description, number: str) -> str:
    """Connect a further WhatsApp number, of an app of its own, as `chatflow channels connect whatsapp` does.

    Returns the URL of its control API in the simulator. Raises HandshakeFailed.
    """
    typed = {"access_token": token_hex(20), "app_secret": token_hex(20)}
    wanted = {"phone_number_id": number, "verify_token": token_hex(20), **typed}
    added = httpx.post(f"{stack.handset_url}/handset/numbers", json=wanted).raise_for_status()
    url = str(added.json()["url"])
    with account_of_the_emulator(stack.aws_endpoint_url):
        try:
            deployment = find_deployment(STAGE)
            connected = connect(deployment, "whatsapp", number, lambda field, *_: typed[field])
            stored = deployment.secrets.read(deployment.secrets.find("whatsapp", number))
        except CommandError as error:
            raise HandshakeFailed(f"The number is not connected. {error.title} {error.detail}") from None
    settings = {"webhook_url": connected.webhook_url, "verify_token": stored["verify_token"]}
    httpx.post(f"{url}/handset/settings", json=settings).raise_for_status()
    handshake = httpx.post(f"{url}/handset/handshake", timeout=60.0).raise_for_status().json()
    if not handshake["ok"]:
        raise HandshakeFailed(f"{connected.webhook_url} answered {handshake['status']}")
    return url


def disconnect_number(stack: Description, number: str) -> None:
    """Remove the credentials of a further number."""
    with account_of_the_emulator(stack.aws_endpoint_url):
        secrets = find_deployment(STAGE).secrets
        secrets.remove(secrets.find("whatsapp", number))


def propose_keywords(stack: Description) -> None:
    """Have the chat pages propose what the deployed routes know."""
    proposed = suggestions(ROOT / "flows")
    for url in (stack.handset_url, stack.telegram_url):
        httpx.post(f"{url}/handset/settings", json={"suggestions": proposed}).raise_for_status()


def _put(secrets: Any, name: str, value: str) -> None:
    try:
        secrets.put_secret_value(SecretId=name, SecretString=value)
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name=name, SecretString=value)
