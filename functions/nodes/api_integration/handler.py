"""The Lambda handler of the node type `api_integration`."""

from __future__ import annotations

from chatflow.adapters.node_handler import handler_for
from nodes.api_integration.rule import visit

lambda_handler = handler_for(visit, failure_exit="failure")
