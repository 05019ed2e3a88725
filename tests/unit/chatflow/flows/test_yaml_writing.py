"""A document that came as JSON is written as YAML that says the same to every reader."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.flows.yaml_documents import as_yaml, read

WHOLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=150)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WHOLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WHOLE, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(WHOLE, JSON, min_size=1))
def test_what_was_written_reads_as_it_was(data: dict[str, Any]) -> None:
    document = read("a.yaml", as_yaml(data))
    assert (document.data, document.problems) == (data, ())


@pytest.mark.parametrize(
    "text",
    ["1e5", "yes", "12:30", "007", "0x1f", "[[a]]", "~", "=", "<<", "1_000", "0o7", "null", "2026-11-22", "a: b", ""],
)
def test_text_stays_text_for_readers_of_either_yaml(text: str) -> None:
    written = as_yaml({"say": text})
    assert read("a.yaml", written).data == {"say": text} == yaml.safe_load(written)


def test_fields_keep_their_order_and_letters_their_looks() -> None:
    assert as_yaml({"title": "Grüße", "flow": "a"}) == "title: Grüße\nflow: a\n"
