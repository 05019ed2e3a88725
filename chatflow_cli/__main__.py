"""Entry point of `chatflow` and of `python -m chatflow_cli`."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run one command; ends the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the terminal's encoding lacks must not end the command.
            stream.reconfigure(errors="backslashreplace")
    from chatflow_cli.app import app

    app(prog_name="chatflow")


if __name__ == "__main__":
    main()
