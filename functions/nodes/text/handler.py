"""The Lambda handler of the node type `text`."""

from __future__ import annotations

from chatflow.nodes.lambda_handler import handles
from nodes.text.rule import visit

lambda_handler = handles(visit, failure_exit="failed")
