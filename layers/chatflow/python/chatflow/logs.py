"""The log of a function: lines of JSON on standard output, in the shape of Powertools' Logger.

Powertools' own Logger costs a first event more than all of our modules (decision record 0041).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

_SERVICE: Final = "chatflow"


class Logger:
    """`extra` stands beside the message, and replaces a field of the same name. Fields that are None are left out."""

    def info(self, message: str, extra: Mapping[str, Any] | None = None) -> None:
        _write("INFO", message, extra or {})

    def warning(self, message: str, extra: Mapping[str, Any] | None = None) -> None:
        _write("WARNING", message, extra or {})

    def exception(self, message: str, extra: Mapping[str, Any] | None = None) -> None:
        """With the error that is being handled, and where it was raised."""
        _write("ERROR", message, {**(extra or {}), **_handled_error()})


logger: Final = Logger()


def write_json(line: Mapping[str, Any]) -> None:
    """A line of JSON on standard output. What JSON does not know is written as its text."""
    text = json.dumps(line, default=str, separators=(",", ":"), ensure_ascii=False)
    # Half of a surrogate pair has no UTF-8. As the escape that this makes of it, it is JSON again.
    sys.stdout.write(text.encode(errors="backslashreplace").decode() + "\n")
    sys.stdout.flush()


def _write(level: str, message: str, extra: Mapping[str, Any]) -> None:
    caller = sys._getframe(2)
    now = time.time()
    line = {
        "level": level,
        "location": f"{caller.f_code.co_name}:{caller.f_lineno}",
        "message": message,
        "timestamp": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03}+00:00",
        "service": _SERVICE,
        **extra,
        "xray_trace_id": os.environ.get("_X_AMZN_TRACE_ID", "").partition(";")[0].removeprefix("Root=") or None,
    }
    write_json({name: value for name, value in line.items() if value is not None})


def _handled_error() -> dict[str, Any]:
    import traceback

    error = sys.exception()
    if error is None:
        return {}
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "exception": "".join(traceback.format_exception(error)).rstrip("\n"),
        "exception_name": type(error).__name__,
        "exception_notes": getattr(error, "__notes__", None),
        "stack_trace": {
            "type": type(error).__name__,
            "value": str(error),
            "module": type(error).__module__,
            "frames": [
                {"file": each.filename, "line": each.lineno, "function": each.name, "statement": each.line}
                for each in frames
            ],
        },
    }
