"""The fake AWS account, for the queue of events."""

from __future__ import annotations

from tests.unit.chatflow.adapters.conftest import aws_account

__all__ = ["aws_account"]
