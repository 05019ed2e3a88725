"""What an empty chat proposes is what the deployed routes understand."""

from __future__ import annotations

from pathlib import Path

import yaml

from local.suggestions import suggestions

FLOWS = Path(__file__).parents[3] / "flows"


def test_each_route_with_a_keyword_is_proposed_by_its_first_with_the_title_of_its_flow() -> None:
    routes = [route for route in yaml.safe_load((FLOWS / "routes.yaml").read_text())["routes"] if "keywords" in route]
    proposed = suggestions(FLOWS)
    assert [each["text"] for each in proposed] == [route["keywords"][0] for route in routes]
    assert proposed[0] == {"text": "damage", "about": "Report damage to a car"}
