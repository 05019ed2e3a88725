"""A document that came as JSON is written as YAML that says the same to every reader."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatflow.flows.yaml_documents import as_yaml, read

WHOLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=150)
# Words that YAML could take for something else than text, alone or as the only item of a list.
TEMPTING = st.sampled_from(["A", "contact:name", "yes", "1", "-1.5e3", "~", "", "- a", "? a", "a: b", "&a", "*a", "!a"])
SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**300), 10**300) | st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(
    SCALARS | TEMPTING | WHOLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEMPTING | WHOLE, inner, max_size=3),
    max_leaves=12,
)
FLOWS = Path(__file__).parents[4] / "flows"
DOCUMENTS = {
    path.relative_to(FLOWS).as_posix(): read(path.name, path.read_bytes()).data
    for path in sorted(FLOWS.glob("**/*.yaml"))
}


@settings(max_examples=300, deadline=None)
@given(JSON.filter(lambda data: data is not None))
@example({"": [["A"]]})
@example([["contact:name"]])
@example({"a": [[["A"]]], "b": [["A", "B"]], "c": [[], ["A"]]})
def test_what_was_written_reads_as_it_was(data: Any) -> None:
    document = read("a.yaml", as_yaml(data))
    assert (document.data, document.problems) == (data, ())
    assert repr(document.data) == repr(data)  # 1, 1.0 and True are equal, and are not the same


@settings(max_examples=200, deadline=None)
@given(file=st.sampled_from(sorted(DOCUMENTS)), place=st.integers(0, 10_000), value=JSON)
def test_a_document_of_any_kind_reads_as_it_was_with_any_value_anywhere(file: str, place: int, value: Any) -> None:
    changed = copy.deepcopy(DOCUMENTS[file])
    places = list(_places(changed))
    holder, key = places[place % len(places)]
    holder[key] = value
    document = read(file, as_yaml(changed))
    assert (document.data, document.problems) == (changed, ())


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in list(items):
        yield value, key
        yield from _places(inside)


@pytest.mark.parametrize(
    "text",
    ["1e5", "yes", "12:30", "007", "0x1f", "[[a]]", "~", "=", "<<", "1_000", "0o7", "null", "2026-11-22", "a: b", ""],
)
def test_text_stays_text_for_readers_of_either_yaml(text: str) -> None:
    written = as_yaml({"say": text})
    assert read("a.yaml", written).data == {"say": text} == yaml.safe_load(written)


def test_fields_keep_their_order_and_letters_their_looks() -> None:
    assert as_yaml({"title": "Grüße", "flow": "a"}) == "title: Grüße\nflow: a\n"
