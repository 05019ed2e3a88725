"""Audit rows, as the API lists them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from management.audit.store import AuditResult
from management.http.model import Model
from management.http.times import Time


class Change(Model):
    """One change that a user requested, or one reading of what a customer sent."""

    at: Time
    who: str
    operation: str = Field(description="The operation's id in the OpenAPI document.")
    target: dict[str, str] = Field(description="The path parameters.")
    outcome: AuditResult = Field(
        description="`began` if the function was interrupted: the change may or may not have been made."
    )
    status: int | None = Field(description="The status of the response; null without one.")
    facts: dict[str, Any] = Field(description="Further facts, such as the number of the new version.")
    request: str = Field(description="The id of the request, as in the log and in a problem's `instance`.")
