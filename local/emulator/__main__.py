"""Serve the corrected emulator on loopback: `python -m local.emulator --port 4566`.

Started by `local/processes.py`, which gives it a temporary folder and an environment of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main() -> None:
    """Patch, then serve until a SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m local.emulator", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--environments", type=int, required=True, help="processes per Lambda function, at most")
    parser.add_argument("--function-log", type=Path, help="a file that gets whatever the functions print")
    parser.add_argument("--iam", action="store_true", help="refuse what the caller's policies do not allow")
    asked = parser.parse_args()

    # Read by ministack when it is imported, so set before.
    os.environ.update(
        GATEWAY_PORT=str(asked.port),
        BIND_HOST="127.0.0.1",
        MINISTACK_HOST="127.0.0.1",
        IOT_MTLS_ENABLED="0",  # would listen on every interface
        SFTP_ENABLED="0",
        LAMBDA_EXECUTOR="local",
        LAMBDA_ACCOUNT_CONCURRENCY="0",  # calls wait for a free environment instead of being throttled
        MINISTACK_WORKER_THREADS="256",
        AUTH="true" if asked.iam else "false",
        DOCKER_HOST="unix:///nonexistent",  # never looks for, or cleans up, anybody's containers
    )
    from local.emulator import differences

    differences.apply(asked.environments, asked.function_log)

    from ministack import app

    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()
