"""The signed-in user, as the API describes them."""

from __future__ import annotations

from pydantic import Field

from management.http.model import Model


class Me(Model):
    """The user of the access token."""

    name: str
    roles: list[str] = Field(description="viewer, editor, admin: each includes those before it.")
