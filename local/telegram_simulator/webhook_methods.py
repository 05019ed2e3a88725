"""The methods of the Bot API that set the webhook."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from local.telegram_simulator.bot_errors import bad_request
from local.telegram_simulator.message_rules import parsed_json
from local.telegram_simulator.simulator import TelegramSimulator

Json = dict[str, Any]

PORTS = (443, 80, 88, 8443)
LOOPBACK = ("127.0.0.1", "localhost")


def set_webhook(simulator: TelegramSimulator, values: Json) -> bool:
    """`setWebhook`; raises BotError. An empty address removes the webhook.

    Unlike Telegram, and like its server that runs locally, this takes plain HTTP and any port on this machine.
    """
    url = urlsplit(str(values.get("url") or ""))
    if url.geturl() and url.hostname not in LOOPBACK:
        if url.scheme != "https":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if (url.port or 443) not in PORTS:
            raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    secret = str(values.get("secret_token") or "")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    allowed = parsed_json(values, "allowed_updates", [])
    simulator.settings.update(
        {
            "webhook_url": url.geturl(),
            "secret_token": secret,
            "max_connections": int(values.get("max_connections") or 40),
            "allowed_updates": [str(each) for each in allowed],
        }
    )
    simulator.webhook_changed()
    return True


def delete_webhook(simulator: TelegramSimulator, _: Json) -> bool:
    simulator.settings.update({"webhook_url": "", "secret_token": ""})
    simulator.webhook_changed()
    return True


def get_webhook_info(simulator: TelegramSimulator, _: Json) -> Json:
    settings, health = simulator.settings, simulator.webhook_client.health
    info: Json = {
        "url": settings.webhook_url,
        "has_custom_certificate": False,
        "pending_update_count": health.pending,
        "max_connections": settings.max_connections,
    }
    if settings.allowed_updates:
        info["allowed_updates"] = list(settings.allowed_updates)
    if health.state == "unreachable":
        info |= {"last_error_date": int(simulator.clock()), "last_error_message": health.error}
    return info
