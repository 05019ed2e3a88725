"""The dependencies of the management API with fakes in the place of some."""

from __future__ import annotations

import copy
from typing import Any

from chatflow.settings import ManagementSettings
from management.dependencies import Dependencies


def some_dependencies(**fakes: Any) -> Dependencies:
    """Those of a deployment without a name of anything, with these in their place."""
    return with_fakes(Dependencies(ManagementSettings()), **fakes)


def with_fakes(dependencies: Dependencies, **fakes: Any) -> Dependencies:
    """A copy with these in place of what has their names."""
    unknown = [name for name in fakes if not hasattr(Dependencies, name)]
    assert not unknown, f"the API has no {unknown}"
    copied = copy.copy(dependencies)
    vars(copied).update(fakes)
    return copied
