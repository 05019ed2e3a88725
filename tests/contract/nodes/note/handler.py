"""The Lambda handler of the node type `note`."""

from __future__ import annotations

from nodes.note.rule import visit

from chatflow.adapters.node_handler import handler_for

lambda_handler = handler_for(visit, failure_exit="failed")
