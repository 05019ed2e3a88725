"""The Lambda handler of the node type `api_integration`."""

from __future__ import annotations

from chatflow.nodes.lambda_handler import handles
from nodes.api_integration.rule import visit

lambda_handler = handles(visit, failure_exit="failure")
