"""Serve the patched emulator on loopback: `python -m local.emulator --port 4566`.

`local/emulator/process.py` starts it with its own temporary folder and environment.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main() -> None:
    """Patch the emulator, then serve until a SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m local.emulator", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--environments", type=int, required=True, help="maximum of processes per Lambda function")
    parser.add_argument("--function-log", type=Path, help="a file that receives the output of all functions")
    parser.add_argument("--iam", action="store_true", help="refuse calls that the caller's policies do not allow")
    arguments = parser.parse_args()

    # ministack reads these variables when it is imported.
    os.environ.update(
        GATEWAY_PORT=str(arguments.port),
        BIND_HOST="127.0.0.1",
        MINISTACK_HOST="127.0.0.1",
        IOT_MTLS_ENABLED="0",  # would listen on every interface
        SFTP_ENABLED="0",
        LAMBDA_EXECUTOR="local",
        LAMBDA_ACCOUNT_CONCURRENCY="0",  # calls wait for a free environment instead of being throttled
        MINISTACK_WORKER_THREADS="256",
        AUTH="true" if arguments.iam else "false",
        DOCKER_HOST="unix:///nonexistent",  # neither searches for containers on this machine nor removes any
    )
    from local.emulator import patches

    patches.apply_all(arguments.environments, arguments.function_log)

    from ministack import app

    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()
