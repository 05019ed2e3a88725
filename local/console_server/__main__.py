"""`python -m local.console_server`: serves the web console and prints its address as one line of JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import uvicorn

from local.console_server.app import create_app
from local.console_server.build import BUILD
from local.loopback import listen, url_of


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.console_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--stack", type=Path, required=True, help="folder of the local stack whose API it forwards to")
    parser.add_argument("--build", type=Path, default=BUILD, help="folder of the console's build")
    arguments = parser.parse_args()
    listener = listen(arguments.port)
    print(json.dumps({"url": url_of(listener)}), flush=True)
    app = create_app(arguments.stack, arguments.build)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)).run(sockets=[listener])


if __name__ == "__main__":
    main()
