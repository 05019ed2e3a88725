"""The identity and the behaviour switches of the simulator; both can be changed while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from local.simulator import settings


@dataclass
class Settings(settings.Settings):
    """The business number that the simulator serves, and the switches for variations in Meta's behaviour."""

    SECRETS: ClassVar[tuple[str, ...]] = ("access_token", "app_secret", "verify_token")

    access_token: str
    app_secret: str
    verify_token: str
    phone_number_id: str
    display_phone_number: str = "15550783881"
    verified_name: str = "Chatflow Demo"
    business_account_id: str = "419561257915477"
    other_phone_number_ids: tuple[str, ...] = ()  # further numbers of the same business; they have their own media

    media_url_in_webhooks: bool = True  # Meta's gradual release of 12 Nov 2025: both forms must work
    media_url_seconds: float = 300.0
    webhooks_major: int = 26  # the Graph version that the app's webhooks have; 23 has `conversation` in statuses
    user_ids_in_webhooks: bool = True  # business-scoped user ids, since April 2026
    lookup_refuses_number: bool = False  # `phone_number_id` is refused for media that a customer sent, as seen in 2026
    late_refusals: bool = False  # 131047 and 131053 come as a `failed` status after a 200, as they mostly do at Meta
    pair_rate_limit: bool = False  # 131056
    statuses: tuple[str, ...] = ("sent", "delivered", "read")
    statuses_unordered: bool = False
    status_delay: float = 0.4  # seconds between two statuses of a message
    batch_seconds: float = 0.0  # collect notifications this long and deliver them in one POST; 0: one POST each
    duplicate_deliveries: int = 0  # further deliveries of each POST that was answered 200

    def serves(self, phone_number_id: str) -> bool:
        return phone_number_id in (self.phone_number_id, *self.other_phone_number_ids)
