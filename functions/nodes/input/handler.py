"""The Lambda handler of the node type `input`."""

from __future__ import annotations

from chatflow.nodes.lambda_handler import handles
from nodes.input.rule import visit

lambda_handler = handles(visit, failure_exit="failed")
