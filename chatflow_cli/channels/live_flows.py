"""The live flows of a deployment that do not fit a channel, as the AWS credentials of the shell can read them."""

from __future__ import annotations

from typing import Any

from chatflow_cli.channels.deployment import Deployment, aws_errors
from chatflow_cli.documents import add_node_types_to_path
from chatflow_cli.errors import NotFound


def flow_problems(deployment: Deployment, channel: str) -> tuple[list[dict[str, Any]], list[str]]:
    """What the channel would show otherwise than the live flows say it: problems and warnings. It changes nothing.

    Raises NotFound for a deployment that names no tables, and what `aws_errors` raises.
    """
    from chatflow.adapters.dynamodb.published_index import PublishedIndex
    from chatflow.publishing.live_validation import LiveProject

    add_node_types_to_path()
    outputs = deployment.outputs
    if missing := {"FlowsTable", "AssetsTable"} - outputs.keys():
        raise NotFound(f"The stack has no output {' and '.join(sorted(missing))}.", advice="Deploy it again.")
    index = PublishedIndex(outputs["FlowsTable"], outputs["AssetsTable"])
    with aws_errors("dynamodb:Query and BatchGetItem"):
        live = LiveProject(index.sources(()), index.assets(()), index.texts)
        problems, warnings = live.problems_on(channel)
    return [each.to_json() for each in problems], [str(each) for each in warnings]
