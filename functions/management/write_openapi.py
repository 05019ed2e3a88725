"""`python -m management.write_openapi` writes the OpenAPI document of the API to docs/openapi.json."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from chatflow.settings import ManagementSettings
from management.api import ManagementApi
from management.dependencies import Dependencies
from management.http.openapi import all_routes, text

COMMITTED: Final = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def main() -> None:
    """Write the document. Reads no environment and makes no AWS calls."""
    resolver = ManagementApi(Dependencies(ManagementSettings())).include_all()
    COMMITTED.write_text(text(resolver), encoding="utf-8")
    sys.stdout.write(f"{len(all_routes(resolver))} operations in {COMMITTED.name}\n")


if __name__ == "__main__":
    main()
