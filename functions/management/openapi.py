"""The OpenAPI 3.1 document, made of the code. `python -m management.openapi` writes it to docs/openapi.json."""

from __future__ import annotations

import json
from functools import cache
from typing import Any


@cache
def document() -> dict[str, Any]:
    """The whole API."""
    from management.api import PREFIX, api

    made: dict[str, Any] = json.loads(api.get_openapi_json_schema(title="Chatflow", version="1"))
    made["servers"] = [{"url": PREFIX}]
    return made
