"""Hosts of the business's APIs, as the API describes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from management.http.model import Model
from management.http.times import Time


class Host(Model):
    """A host that integrations call, with its circuit breaker and its slots."""

    host: str = Field(description="With its port: `api.example.com:443`.")
    breaker: Literal["closed", "half_open", "open"] = Field(
        description="open: calls are refused for a moment. half_open: the next call is the probe that decides."
    )
    until: Time | None = Field(description="When the next probe may be made; null unless the breaker is open.")
    open_cells: int = Field(description="Parts of the host, each with a breaker of its own, that refuse calls.")
    cells: int
    in_use: int = Field(description="Slots that are taken: calls that are at the host now.")
    slots: int = Field(description="How many calls may be at the host at the same time.")
    held: int = Field(description="Sessions whose call to this host is held.")
    integrations: list[str] = Field(description="The live integrations that call it.")
