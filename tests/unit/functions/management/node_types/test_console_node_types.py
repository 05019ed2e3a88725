"""The console's tests look at what `GET /node-types` really answers. Run this file to write their copy of it."""

from __future__ import annotations

import json
from pathlib import Path

from management.node_types.service import list_node_types

COMMITTED = Path(__file__).resolve().parents[5] / "console" / "src" / "node-types" / "testing" / "node-types.json"


def answer() -> str:
    page = list_node_types(100, None)
    return json.dumps([each.model_dump(mode="json") for each in page.items], indent=2, ensure_ascii=False) + "\n"


def test_the_console_is_tested_with_the_node_types_of_this_deployment() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == answer(), f"run python {Path(__file__).name}, and commit its file"


if __name__ == "__main__":
    COMMITTED.write_text(answer(), encoding="utf-8")
