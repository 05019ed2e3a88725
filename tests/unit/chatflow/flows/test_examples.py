"""The flows that are deployed with the product: sound, schema-valid, and the sequences that users expect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chatflow.flows.project import load
from chatflow.flows.validation import check
from chatflow.flows.yaml_documents import read
from tests.fakes.flow_folders import compiled

ROOT = Path(__file__).parents[4]
FLOWS = ROOT / "flows"
KINDS = {"routes.yaml": "routes", "integrations": "integration"}
DOCUMENTS = [path for path in sorted(FLOWS.glob("**/*.yaml")) if path.name != "deployment.yaml"]


@pytest.fixture(scope="module")
def publication() -> dict[str, Any]:
    return compiled(load(FLOWS))


def test_the_examples_have_no_problems() -> None:
    assert [str(problem) for problem in check(load(FLOWS))] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_an_example_fits_the_schema_that_its_first_line_names(path: Path) -> None:
    kind = KINDS.get(path.name) or KINDS.get(path.parent.name, "flow")
    hint = path.read_text().splitlines()[0]
    schema = (path.parent / hint.removeprefix("# yaml-language-server: $schema=")).resolve()
    assert schema == ROOT / "docs" / "schema" / f"{kind}.json"
    document = read(path.name, path.read_bytes()).data
    assert [error.message for error in Draft202012Validator(json.loads(schema.read_text())).iter_errors(document)] == []


@pytest.mark.parametrize(
    ("flow", "types"),
    [
        ("one-file-in", ["media in", "api_integration"]),
        ("three-files-in", ["media in", "api_integration"] * 3),
        ("one-file-out", ["input", "api_integration", "media out"]),
        ("three-files-out", ["api_integration", "media out"] * 3),
        ("asset-then-continue", ["media out"]),
    ],
)
def test_the_guides_own_examples_are_there(publication: dict[str, Any], flow: str, types: list[str]) -> None:
    nodes = _nodes(publication["flows"][flow])
    here, walked = publication["flows"][flow]["start"], []
    while here in nodes and nodes[here]["type"] != "text":
        node = nodes[here]
        walked.append(
            {"inbound": "media in", "outbound": "media out"}.get(node["config"].get("direction"), node["type"])
        )
        here = next(iter(node["exits"].values())) if node["type"] != "api_integration" else node["exits"]["success"]
        here = here if isinstance(here, str) else ""
    assert walked == types


def test_after_the_asset_another_flow_goes_on_at_once(publication: dict[str, Any]) -> None:
    leaflet = _nodes(publication["flows"]["asset-then-continue"])["leaflet"]
    assert leaflet["exits"]["sent"] == {"flow": "welcome"}
    assert leaflet["waits"] is False


def test_what_is_published_is_plain_json(publication: dict[str, Any]) -> None:
    assert json.loads(json.dumps(publication)) == publication


def test_every_asset_says_what_it_is_and_where_it_lies(publication: dict[str, Any]) -> None:
    photo = publication["assets"]["good-photo.png"]
    assert photo["kind"] == "image"
    assert photo["mime"] == "image/png"
    assert photo["key"] == f"asset/{photo['sha256']}"
    assert photo["size"] == (FLOWS / photo["file"]).stat().st_size


def test_the_routes_end_with_one_for_everything_else(publication: dict[str, Any]) -> None:
    assert publication["routes"]["routes"][-1] == {"keywords": [], "channel": "", "account": "", "flow": "welcome"}
    assert set(publication["routes"]) == {"routes", "leave", "no_match", "apology", "unsupported"}


def _nodes(version: dict[str, Any]) -> dict[str, Any]:
    return {name: node for part in version["slices"].values() for name, node in part["nodes"].items()}
