"""The examples of a node type: the nodes of its type in the YAML blocks of its folder's README.md."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from chatflow.flows.deployment_values import Deployment
from chatflow.flows.integrations import Integration
from chatflow.flows.node_config import Resources
from chatflow.flows.yaml_documents import read
from chatflow.nodes.ports import Answer
from tests.fakes.visit import FakePorts

_FLOW_FORMAT = Path(__file__).parents[3] / "docs" / "flow-format.md"
_BUSINESS = "https://business.example.com"


def examples(folder: Path) -> dict[str, dict[str, Any]]:
    """What an author writes of this type, by the name of the node."""
    nodes = [each for block in _blocks(folder / "README.md") if "integration" not in block for each in block.items()]
    return {name: node for name, node in nodes if isinstance(node, dict) and node.get("type") == folder.name}


def resources(folder: Path) -> Resources:
    """The integrations that the page shows with the examples, and those of the flow format."""
    blocks = [block for page in (_FLOW_FORMAT, folder / "README.md") for block in _blocks(page)]
    found = [Integration.model_validate(block) for block in blocks if "integration" in block]
    return Resources({each.integration: each for each in found}, deployment=Deployment({"business_url": _BUSINESS}))


def ports() -> FakePorts:
    """Ports of which each answers well."""
    return FakePorts(called=Answer(200, {"content-type": "application/json"}, b'{"claim": {"status": "open"}}'))


@cache
def _blocks(page: Path) -> tuple[dict[str, Any], ...]:
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    documents = [read(page.name, block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert [problem for each in documents for problem in each.problems] == [], page
    return tuple(each.data for each in documents)
