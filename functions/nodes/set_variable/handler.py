"""The Lambda handler of the node type `set_variable`."""

from __future__ import annotations

from chatflow.nodes.lambda_handler import handles
from nodes.set_variable.rule import visit

lambda_handler = handles(visit, failure_exit="failed")
