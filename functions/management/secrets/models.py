"""Secrets of the business, as the API describes them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from management.http.times import Time


class SecretHead(BaseModel):
    """A secret: everything but its value."""

    name: str
    updated_at: Time
    used_by: list[str] = Field(description="The live integrations that send it.")


class SecretValue(BaseModel):
    """The value of a secret."""

    value: str = Field(min_length=1, max_length=16_384, repr=False, description="Never returned by the API.")
