"""The signed-in user, as the API describes them."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Me(BaseModel):
    """The user of the token that was sent."""

    name: str
    roles: list[str] = Field(description="viewer, editor, admin: each may do what those before it may.")
