"""Audit rows, as the API lists them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from management.audit.store import Outcome
from management.http.times import Time


class Change(BaseModel):
    """One change that someone asked for."""

    at: Time
    who: str
    operation: str = Field(description="The operation's id in the OpenAPI document.")
    target: dict[str, str] = Field(description="What the path named.")
    outcome: Outcome = Field(
        description="`began` and nothing after it: the function was cut off, and the change may be made or not."
    )
    status: int | None = Field(description="What was answered; null when nothing was.")
    facts: dict[str, Any] = Field(description="What else is worth knowing of it, such as the version that it made.")
    request: str = Field(description="The request, as the log and a problem's `instance` name it.")
