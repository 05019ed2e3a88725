"""Who the stand-in is, and how it behaves; everything may be changed while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

MASK = "•••"

# Never shown by the control API: a wrong one is seen by trying it.
SECRET_FIELDS = ("access_token", "app_secret", "verify_token")


class UnknownSetting(ValueError):
    """A setting that does not exist, or a value of the wrong kind."""


@dataclass
class Settings:
    """The number of the business that this stand-in serves, and the switches of what Meta may do differently."""

    access_token: str
    app_secret: str
    verify_token: str
    phone_number_id: str
    webhook_url: str = ""  # empty until the business has deployed; what customers send waits for it
    public_url: str = ""  # where this process listens; media addresses begin with it
    data: Path = Path("build/handset")
    samples: Path | None = None  # a folder with files for "Send a sample"; made in `data` when not given
    display_phone_number: str = "15550783881"
    verified_name: str = "Chatflow Demo"
    business_account_id: str = "419561257915477"
    other_phone_number_ids: tuple[str, ...] = ()  # further numbers of the same business: their media is not ours

    media_url_in_webhooks: bool = True  # Meta's gradual release of 12 Nov 2025: both forms must work
    media_url_seconds: float = 300.0
    user_ids_in_webhooks: bool = True  # business-scoped user ids, since April 2026
    lookup_refuses_number: bool = False  # `phone_number_id` is refused for media that a customer sent, as seen in 2026
    late_refusals: bool = False  # 131047 and 131053 come as a `failed` status after a 200, as they mostly do at Meta
    pair_rate_limit: bool = False  # 131056
    statuses: tuple[str, ...] = ("sent", "delivered", "read")
    statuses_unordered: bool = False
    status_delay: float = 0.4  # seconds between two statuses of a message
    batch_seconds: float = 0.0  # gather notices this long and deliver them in one POST; 0: one POST each
    duplicate_deliveries: int = 0  # further deliveries of each POST that was answered 200
    retry_seconds: tuple[float, ...] = (1, 2, 4, 8, 15, 30, 60, 120, 300)  # bounded, where Meta goes on for 7 days
    webhook_timeout: float = 20.0

    def change(self, values: dict[str, Any]) -> None:
        """Take new values for some settings, or none of them; raises UnknownSetting."""
        kinds = {field.name: getattr(self, field.name) for field in fields(self)}
        checked = {name: _of_the_kind(name, kinds, value) for name, value in values.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def shown(self) -> dict[str, Any]:
        """Every setting in JSON form, secrets masked."""
        values = asdict(self)
        values.update(dict.fromkeys(SECRET_FIELDS, MASK))
        return values | {"data": str(self.data), "samples": str(self.samples) if self.samples else None}

    def serves(self, phone_number_id: str) -> bool:
        return phone_number_id in (self.phone_number_id, *self.other_phone_number_ids)


def _of_the_kind(name: str, kinds: dict[str, Any], value: Any) -> Any:
    if name not in kinds or name in ("data", "samples"):
        raise UnknownSetting(f"No setting {name!r} can be changed while the handset runs")
    now = kinds[name]
    if isinstance(now, tuple) and isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(now, bool) or isinstance(value, bool):
        fits = isinstance(now, bool) and isinstance(value, bool)
    elif isinstance(now, int | float):
        fits = isinstance(value, int | float)
    else:
        fits = isinstance(value, type(now))
    if not fits:
        raise UnknownSetting(f"Setting {name!r} is a {type(now).__name__}, not {value!r}")
    return value
