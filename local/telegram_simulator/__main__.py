"""`python -m local.telegram_simulator`: serves the simulator on loopback and prints its address as one line of JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from local.loopback import listen, url_of
from local.simulator.server import SimulatorServer, allow_many_connections
from local.telegram_simulator.server import create_app
from local.telegram_simulator.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.telegram_simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--token", required=True, help="the bot's: <digits>:<letters>")
    parser.add_argument("--data", type=Path, default=Path("build/telegram-simulator"), help="folder for files")
    parser.add_argument("--samples", type=Path, help="a folder with files for 'Send a sample'")
    arguments = parser.parse_args()
    allow_many_connections()
    listener = listen(arguments.port)
    url = url_of(listener)
    settings = Settings(token=arguments.token, public_url=url, data=arguments.data, samples=arguments.samples)
    # Connections queue from listen() on, so the address is usable before the first request is served.
    print(json.dumps({"url": url}), flush=True)
    SimulatorServer(create_app(settings)).run(sockets=[listener])


if __name__ == "__main__":
    main()
