"""How long what makes a repeated message harmless is kept. Pure."""

from __future__ import annotations

from typing import Final

# A channel may redeliver a message for 7 days. The records that make this harmless must live longer.
MIN_RETENTION_DAYS: Final = 8
