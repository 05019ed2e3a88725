"""What an author writes of this node type, for the contract."""

from __future__ import annotations

from typing import Any

EXAMPLE: dict[str, Any] = {"type": "text", "say": "Hello.", "then": "end"}
