"""The identity and the behaviour switches of the simulator; both can be changed while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

MASK = "•••"

# The control API never shows these.
SECRET_FIELDS = ("access_token", "app_secret", "verify_token")


class InvalidSetting(ValueError):
    """A setting that does not exist, or a value of the wrong type."""


@dataclass
class Settings:
    """The business number that the simulator serves, and the switches for variations in Meta's behaviour."""

    access_token: str
    app_secret: str
    verify_token: str
    phone_number_id: str
    webhook_url: str = ""  # empty until the business has deployed; messages of customers wait for it
    public_url: str = ""  # the address at which this process listens; media addresses begin with it
    data: Path = Path("build/whatsapp-simulator")
    samples: Path | None = None  # a folder with files for "Send a sample"; generated in `data` when not given
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
    retry_seconds: tuple[float, ...] = (1, 2, 4, 8, 15, 30, 60, 120, 300)  # bounded; Meta retries for 7 days
    webhook_timeout: float = 20.0

    def update(self, values: dict[str, Any]) -> None:
        """Apply all new values, or none of them; raises InvalidSetting."""
        current = {field.name: getattr(self, field.name) for field in fields(self)}
        checked = {name: _checked_value(name, current, value) for name, value in values.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def to_json(self) -> dict[str, Any]:
        """Every setting in JSON form, secrets masked."""
        values = asdict(self)
        values.update(dict.fromkeys(SECRET_FIELDS, MASK))
        return values | {"data": str(self.data), "samples": str(self.samples) if self.samples else None}

    def serves(self, phone_number_id: str) -> bool:
        return phone_number_id in (self.phone_number_id, *self.other_phone_number_ids)


def _checked_value(name: str, current: dict[str, Any], value: Any) -> Any:
    if name not in current or name in ("data", "samples"):
        raise InvalidSetting(f"No setting {name!r} can be changed while the handset runs")
    old = current[name]
    if isinstance(old, tuple) and isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(old, bool) or isinstance(value, bool):
        fits = isinstance(old, bool) and isinstance(value, bool)
    elif isinstance(old, int | float):
        fits = isinstance(value, int | float)
    else:
        fits = isinstance(value, type(old))
    if not fits:
        raise InvalidSetting(f"Setting {name!r} is a {type(old).__name__}, not {value!r}")
    return value
