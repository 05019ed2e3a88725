"""Serve the business system on loopback: `python -m local.business_api --data folder --token secret`."""

from __future__ import annotations

import argparse
import json
import socket
from pathlib import Path

import uvicorn

from local.business_api.app import Business, application
from local.business_api.documents import Documents


def main() -> None:
    """Listen, say the address as one JSON line, and serve until a SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m local.business_api", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--data", type=Path, required=True, help="folder for uploads")
    parser.add_argument("--documents", type=Path, help="folder in which documents are kept once made")
    parser.add_argument("--token", default="", help="bearer token that callers must send; empty: none")
    asked = parser.parse_args()

    business = Business(asked.data, asked.token, Documents(asked.documents or asked.data / "documents"))
    listening = socket.create_server(("127.0.0.1", asked.port), backlog=512)
    print(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}), flush=True)
    server = uvicorn.Server(uvicorn.Config(application(business), log_level="warning", timeout_graceful_shutdown=1))
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
