"""`python -m local.whatsapp_simulator`: serves the stand-in on loopback and prints where, as one line of JSON."""

from __future__ import annotations

import argparse
import json
import resource
from pathlib import Path

from local.whatsapp_simulator.serving import HandsetServer, address, listen
from local.whatsapp_simulator.settings import Settings


def main() -> None:
    asked = _arguments()
    # A thousand customers that wait with a long poll each are more than the usual soft limit of open files.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    listener = listen(asked.port)
    url = address(listener)
    settings = Settings(
        access_token=asked.access_token,
        app_secret=asked.app_secret,
        verify_token=asked.verify_token,
        phone_number_id=asked.phone_number_id,
        webhook_url=asked.webhook_url,
        public_url=url,
        data=asked.data,
        samples=asked.samples,
    )
    # Connections queue from listen() on, so the line is true before the first request is served.
    print(json.dumps({"url": url, "graph_url": f"{url}/v23.0"}), flush=True)
    HandsetServer(settings).run(sockets=[listener])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.whatsapp_simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--webhook-url", default="", help="may be set later: POST /handset/settings")
    parser.add_argument("--app-secret", required=True)
    parser.add_argument("--verify-token", required=True)
    parser.add_argument("--access-token", required=True)
    parser.add_argument("--phone-number-id", required=True)
    parser.add_argument("--data", type=Path, default=Path("build/handset"), help="where media and samples are kept")
    parser.add_argument("--samples", type=Path, help="a folder with files for 'Send a sample'")
    return parser.parse_args()


if __name__ == "__main__":
    main()
