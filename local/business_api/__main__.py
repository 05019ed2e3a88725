"""Serve the business system on loopback: `python -m local.business_api --data folder --token secret`."""

from __future__ import annotations

import argparse
import json
import socket
from pathlib import Path

import uvicorn

from local.business_api.app import BusinessSystem, create_app
from local.business_api.documents import Documents


def main() -> None:
    """Listen, print the address as one JSON line, and serve until a SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m local.business_api", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--data", type=Path, required=True, help="folder for uploads")
    parser.add_argument("--documents", type=Path, help="folder that caches the generated documents")
    parser.add_argument("--token", default="", help="bearer token that callers must send; empty: no token")
    arguments = parser.parse_args()

    documents = Documents(arguments.documents or arguments.data / "documents")
    business = BusinessSystem(arguments.data, arguments.token, documents)
    listener = socket.create_server(("127.0.0.1", arguments.port), backlog=512)
    print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
    server = uvicorn.Server(uvicorn.Config(create_app(business), log_level="warning", timeout_graceful_shutdown=1))
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
