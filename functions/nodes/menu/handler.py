"""The Lambda handler of the node type `menu`."""

from __future__ import annotations

from chatflow.nodes.lambda_handler import handles
from nodes.menu.rule import visit

lambda_handler = handles(visit, failure_exit="failed")
