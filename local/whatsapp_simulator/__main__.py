"""`python -m local.whatsapp_simulator`: serves the simulator on loopback and prints its address as one line of JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from local.loopback import listen, url_of
from local.simulator.server import SimulatorServer, allow_many_connections
from local.whatsapp_simulator.server import create_app
from local.whatsapp_simulator.settings import Settings


def main() -> None:
    arguments = _arguments()
    allow_many_connections()
    listener = listen(arguments.port)
    url = url_of(listener)
    settings = Settings(
        access_token=arguments.access_token,
        app_secret=arguments.app_secret,
        verify_token=arguments.verify_token,
        phone_number_id=arguments.phone_number_id,
        webhook_url=arguments.webhook_url,
        public_url=url,
        data=arguments.data,
        samples=arguments.samples,
    )
    # Connections queue from listen() on, so the address is usable before the first request is served.
    print(json.dumps({"url": url, "graph_url": f"{url}/v26.0"}), flush=True)
    SimulatorServer(create_app(settings)).run(sockets=[listener])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.whatsapp_simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--webhook-url", default="", help="may be set later: POST /handset/settings")
    parser.add_argument("--app-secret", required=True)
    parser.add_argument("--verify-token", required=True)
    parser.add_argument("--access-token", required=True)
    parser.add_argument("--phone-number-id", required=True)
    parser.add_argument(
        "--data", type=Path, default=Path("build/whatsapp-simulator"), help="folder for media and samples"
    )
    parser.add_argument("--samples", type=Path, help="a folder with files for 'Send a sample'")
    return parser.parse_args()


if __name__ == "__main__":
    main()
