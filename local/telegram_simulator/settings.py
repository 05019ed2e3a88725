"""The identity of the bot, and what `setWebhook` sets; both can be changed while the simulator runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from local.simulator import settings


@dataclass
class Settings(settings.Settings):
    """The bot that the simulator serves. Its id is the digits before the colon of the token."""

    SECRETS: ClassVar[tuple[str, ...]] = ("token", "secret_token")

    token: str
    bot_name: str = "Chatflow Demo"
    username: str = "chatflow_demo_bot"
    secret_token: str = ""  # of the webhook
    max_connections: int = 40
    allowed_updates: tuple[str, ...] = ()  # empty: all that the simulator sends
    file_seconds: float = 3600.0  # an address of a file is valid for at least one hour

    @property
    def bot_id(self) -> int:
        return int(self.token.partition(":")[0])

    def bot(self) -> dict[str, Any]:
        """The bot as a user of Telegram."""
        return {"id": self.bot_id, "is_bot": True, "first_name": self.bot_name, "username": self.username}
