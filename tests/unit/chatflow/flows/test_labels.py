"""Labels in a manifest are of exits, variants and fields that the node type has, and none is missing."""

from __future__ import annotations

import pytest

from chatflow.flows.labels import label_problems
from chatflow.flows.node_types import node_types
from tests.fakes.node_types import MANIFESTS


def problems(name: str, table: str = "", *, without: str = "", added: str = "") -> list[str]:
    """The problems of a type's labels when one label is taken out or added."""
    manifest = MANIFESTS[name]
    tables = {"exits": {*manifest.exits}, "variants": {*manifest.variants}, "fields": {*manifest.fields}}
    if table:
        tables[table] = tables[table] - {without} | ({added} if added else set())
    model = node_types()[name].model
    return [*label_problems(model, exits=tables["exits"], variant_titles=tables["variants"], fields=tables["fields"])]


@pytest.mark.parametrize("name", MANIFESTS)
def test_the_labels_of_the_product_are_whole(name: str) -> None:
    assert problems(name) == []


@pytest.mark.parametrize(
    ("name", "table", "label"),
    [
        (name, table, label)
        for name, each in MANIFESTS.items()
        for table, labels in (("exits", each.exits), ("variants", each.variants))
        for label in labels
    ],
)
def test_a_label_that_is_missing_is_named(name: str, table: str, label: str) -> None:
    assert problems(name, table, without=label) == [f"{table}: the label of {label} is missing."]


@pytest.mark.parametrize("name", MANIFESTS)
@pytest.mark.parametrize("table", ["exits", "variants", "fields"])
def test_a_label_of_nothing_is_told_with_what_there_is(name: str, table: str) -> None:
    (problem,) = problems(name, table, added="nowhere")
    assert problem.startswith(f"{table}: nowhere is unknown. Allowed are ")
    assert table != "exits" or all(exit in problem for exit in MANIFESTS[name].exits)
