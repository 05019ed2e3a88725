"""What an author writes of this node type, for the contract."""

from __future__ import annotations

from typing import Any

from chatflow.flows.integrations import Integration
from chatflow.flows.node_config import Resources
from chatflow.nodes.ports import Answer
from tests.fakes.visit import FakePorts

EXAMPLE: dict[str, Any] = {
    "type": "api_integration",
    "integration": "status",
    "save_as": "claim",
    "exits": {"success": "end", "failure": "end"},
}
RESOURCES = Resources(
    integrations={
        "status": Integration.model_validate(
            {"integration": "status", "method": "GET", "url": "https://claims.example.com/status"}
        )
    }
)


def ports() -> FakePorts:
    return FakePorts(called=Answer(200, {"content-type": "application/json"}, b'{"status": "open"}'))
