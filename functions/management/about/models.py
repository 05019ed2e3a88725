"""The signed-in user, as the API describes them."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Me(BaseModel):
    """The user of the access token."""

    name: str
    roles: list[str] = Field(description="viewer, editor, admin: each includes those before it.")
