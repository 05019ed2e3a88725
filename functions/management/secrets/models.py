"""Secrets of the business, as the API describes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chatflow.integrations.secret_hosts import MAX_HOSTS
from management.http.model import Model
from management.http.times import Time

Host = Annotated[str, Field(min_length=1, max_length=260)]


class SecretHead(Model):
    """A secret: everything but its value."""

    name: str
    updated_at: Time
    hosts: list[str] | None = Field(
        description="The only hosts that may receive it. Null: any host, because nobody has decided, or because the "
        "value was stored by hand."
    )
    used_by: list[str] = Field(description="The live integrations that send it.")


class SecretValue(Model):
    """The value of a secret."""

    value: str = Field(min_length=1, max_length=16_384, repr=False, description="Never returned by the API.")
    hosts: list[Host] | None = Field(
        None,
        min_length=1,
        max_length=MAX_HOSTS,
        description="The only hosts that may receive it, such as `api.example.com` or `api.example.com:8443`. "
        "Without this field they stay as they are; a new secret may then be sent to any host.",
    )
