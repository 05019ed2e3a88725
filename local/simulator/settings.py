"""The settings that every simulator has; all but the folders can be changed while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

MASK = "•••"


class InvalidSetting(ValueError):
    """A setting that does not exist, or a value of the wrong type."""


@dataclass(kw_only=True)
class Settings:
    """Where the simulator and the business's webhook are; a channel adds its identity and its behaviour."""

    # The control API never shows these.
    SECRETS: ClassVar[tuple[str, ...]] = ()

    webhook_url: str = ""  # empty until the business has deployed; messages of customers wait for it
    public_url: str = ""  # the address at which this process listens; media addresses begin with it
    data: Path = Path("build/simulator")
    samples: Path | None = None  # a folder with files for "Send a sample"; generated in `data` when not given
    suggestions: tuple[dict[str, str], ...] = ()  # `text` and `about`: what an empty chat proposes to write
    retry_seconds: tuple[float, ...] = (1, 2, 4, 8, 15, 30, 60, 120, 300)  # bounded; the channels retry for days
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
        values.update(dict.fromkeys(self.SECRETS, MASK))
        return values | {"data": str(self.data), "samples": str(self.samples) if self.samples else None}


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
