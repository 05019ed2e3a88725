"""What a newcomer may write: the first keyword of each deployed route, with the title of its flow."""

from __future__ import annotations

from pathlib import Path

import yaml


def suggestions(flows: Path) -> list[dict[str, str]]:
    """`text` and `about` for each route with a keyword in this folder of flows, in the order of the routes."""
    routes = yaml.safe_load((flows / "routes.yaml").read_text())["routes"]
    return [
        {"text": route["keywords"][0], "about": yaml.safe_load((flows / f"{route['flow']}.yaml").read_text())["title"]}
        for route in routes
        if route.get("keywords")
    ]
