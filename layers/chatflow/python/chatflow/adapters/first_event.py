"""Garbage collection begins after a process's first event.

Until then a process imports and makes what it keeps: a hundred thousand objects, which each collection would visit in
vain. That takes a tenth of a first event. Decision record 0041.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

_Handler = Callable[[dict[str, Any], Any], Any]

if "LAMBDA_TASK_ROOT" in os.environ:  # whoever imports a handler elsewhere keeps the collections of its own process
    gc.disable()


def collecting_afterwards(handler: _Handler) -> _Handler:
    """The handler; once its first event is answered, garbage is collected, except for what exists by then."""
    waits = not gc.isenabled()

    @wraps(handler)
    def collecting(event: dict[str, Any], context: Any) -> Any:
        nonlocal waits
        try:
            return handler(event, context)
        finally:
            if waits:
                waits = False
                gc.freeze()
                gc.enable()

    return collecting
