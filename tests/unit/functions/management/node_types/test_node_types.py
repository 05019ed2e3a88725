"""`GET /node-types` describes every node type so that an editor can offer it without knowing it."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chatflow.flows.exits import named
from chatflow.flows.node_types import node_types
from tests.contract.nodes.examples import examples
from tests.fakes.api_client import ApiClient
from tests.fakes.node_types import FOLDER, MANIFESTS

EXAMPLES = [(name, node, example) for name in MANIFESTS for node, example in examples(FOLDER / name).items()]


@pytest.fixture
def described(viewer: ApiClient) -> dict[str, dict[str, Any]]:
    response = viewer("GET", "/node-types")
    assert response.status == 200
    return {each["name"]: each for each in response.body["items"]}


def variant_of(example: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """The one variant of a node with these fields."""
    (found,) = [each for each in described["variants"] if each["when"].items() <= example.items()]
    return dict(found)


def test_every_node_type_is_described_with_its_words(described: dict[str, dict[str, Any]]) -> None:
    assert list(described) == list(MANIFESTS)
    for name, manifest in MANIFESTS.items():
        words = (described[name]["title"], described[name]["about"], described[name]["icon"])
        assert words == (manifest.title, manifest.about, manifest.icon)


@pytest.mark.parametrize(("name", "node", "example"), EXAMPLES, ids=[f"{name}.{node}" for name, node, _ in EXAMPLES])
def test_what_authors_write_fits_the_schema_of_its_variant(
    name: str, node: str, example: dict[str, Any], described: dict[str, dict[str, Any]]
) -> None:
    schema = variant_of(example, described[name])["config_schema"]
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(example)] == []
    assert [*Draft202012Validator(schema).iter_errors({**example, "colour": "red"})] != []


@pytest.mark.parametrize(("name", "node", "example"), EXAMPLES, ids=[f"{name}.{node}" for name, node, _ in EXAMPLES])
def test_an_editor_finds_the_exits_of_a_node_without_knowing_its_type(
    name: str, node: str, example: dict[str, Any], described: dict[str, dict[str, Any]]
) -> None:
    variant = variant_of(example, described[name])
    config = node_types()[name].adapter.validate_python(example)
    assert variant["waits"] == config.waits
    drawn = [exit for declared in variant["exits"] for exit in _drawn(declared, variant["exits"], example)]
    assert drawn == [*named(config.declared_exits, dict(config))]
    assert all(exit["label"] for exit in variant["exits"])


def _drawn(declared: dict[str, Any], every: list[dict[str, Any]], example: dict[str, Any]) -> list[str]:
    """The names of the exits, as the description of the API says it."""
    if not declared["each"]:
        return [declared["name"]]
    entries = example.get(declared["each"], {})
    if isinstance(entries, dict):
        fixed = {each["name"] for each in every if not each["each"]}
        return [declared["name"].format(key=key) for key in entries if key not in fixed]
    return [declared["name"].format(number=number, **entry) for number, entry in enumerate(entries, start=1)]


def test_labels_of_fields_are_titles_in_the_schema(described: dict[str, dict[str, Any]]) -> None:
    labelled = [(name, field, label) for name, each in MANIFESTS.items() for field, label in each.fields.items()]
    assert labelled
    for name, field, label in labelled:
        schemas = [variant["config_schema"] for variant in described[name]["variants"]]
        forms = [form for schema in schemas for form in (schema, *schema.get("$defs", {}).values())]
        titles = {form["properties"][field]["title"] for form in forms if field in form["properties"]}
        assert titles == {label}


def test_a_page_ends_where_the_next_begins(viewer: ApiClient) -> None:
    names, cursor = [], ""
    while cursor is not None:
        query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = viewer("GET", "/node-types", query=query).body
        assert len(page["items"]) <= 3
        names += [each["name"] for each in page["items"]]
        cursor = page["next"]
    assert names == list(MANIFESTS)
