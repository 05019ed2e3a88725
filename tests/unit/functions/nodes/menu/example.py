"""What an author writes of this node type, for the contract."""

from __future__ import annotations

from typing import Any

EXAMPLE: dict[str, Any] = {
    "type": "menu",
    "prompt": "What happened?",
    "options": [{"id": "damage", "title": "Damage", "then": "end"}, {"id": "theft", "title": "Theft", "then": "end"}],
}
