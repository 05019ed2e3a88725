"""The Lambda handler of the node type `condition`."""

from __future__ import annotations

from chatflow.nodes.lambda_handler import handles
from nodes.condition.rule import visit

lambda_handler = handles(visit, failure_exit="otherwise")
