"""The Lambda handler of the node type `delay`."""

from __future__ import annotations

from chatflow.adapters.node_handler import handler_for
from nodes.delay.rule import visit

lambda_handler = handler_for(visit, failure_exit="failed")
