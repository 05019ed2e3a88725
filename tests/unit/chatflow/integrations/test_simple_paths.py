"""A simple path is a JSONPath, and selects what the library selects."""

from __future__ import annotations

from typing import Any

import jsonpath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.integrations.json_path import check_path
from chatflow.integrations.simple_paths import MAX_LENGTH, is_simple, resolve

KEYS = ("a", "b_2", "true", "null", "and", "not", "in", "_")
names = st.sampled_from(KEYS) | st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)
steps = names.map(".{}".format) | st.integers(0, 999_999).map("[{}]".format) | st.integers(0, 2).map("[{}]".format)
paths = st.lists(steps, max_size=5).map(lambda parts: "$" + "".join(parts))
documents = st.recursive(
    st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=12,
).filter(lambda document: isinstance(document, dict | list))


@given(paths, documents)
def test_a_simple_path_is_valid_and_selects_what_the_library_selects(path: str, document: Any) -> None:
    assert is_simple(path)
    check_path(path)
    assert resolve(path, document) == jsonpath.findall(path, document, strict=True)


@given(st.text("$.[]a0_1-*:?@'é \n", max_size=8).map(lambda end: "$" + end))
def test_what_counts_as_simple_is_a_valid_path(path: str) -> None:
    if is_simple(path):
        check_path(path)


@pytest.mark.parametrize(
    "path",
    ["", "a", "$.", "$.a.", "$..a", "$[]", "$[01]", "$[-1]", "$['a']", "$.é", "$.1a", "$ .a", "$.a\n", "$.*"],
)
def test_other_paths_are_left_to_the_library(path: str) -> None:
    assert not is_simple(path)


def test_a_path_that_is_too_long_is_not_simple() -> None:
    assert is_simple("$" + "[0]" * (MAX_LENGTH // 3))
    assert not is_simple("$" + "[0]" * (MAX_LENGTH // 3 + 1))
