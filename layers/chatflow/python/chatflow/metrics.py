"""Metrics that CloudWatch reads out of the log: its embedded metric format, as Powertools' Metrics writes it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from chatflow.logs import write_json

_NAMESPACE: Final = "Chatflow"


def count(counts: Mapping[str, int], **dimensions: str) -> None:
    """Add to these metrics, at most 100 at a time. Nothing is written for no counts."""
    if not counts:
        return
    directive = {
        "Namespace": _NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
    }
    values = {name: [float(value)] for name, value in counts.items()}
    written = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}
    write_json({"_aws": written, **dimensions, **values})
