"""The Lambda handler of the node type `media`."""

from __future__ import annotations

from chatflow.nodes.lambda_handler import handles
from nodes.media.rule import visit

lambda_handler = handles(visit, failure_exit="failed")
