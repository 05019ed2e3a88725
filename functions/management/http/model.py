"""The base of what the API reads and answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A model whose validator is built when a request needs it: building all of them would double a start."""

    model_config = ConfigDict(defer_build=True)
