"""Whatever stands in a document, checking it tells problems and never breaks."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.flows.project import assemble
from chatflow.flows.validation import check
from chatflow.flows.yaml_documents import Document, read

FLOWS = Path(__file__).parents[4] / "flows"
SOUND = {
    path.relative_to(FLOWS).as_posix(): read(path.name, path.read_bytes()).data
    for path in sorted([*FLOWS.glob("*.yaml"), *FLOWS.glob("integrations/*.yaml")])
}
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "end", "[[", "[[x]]", "[[secret:a]]", "ask_photo", "type", "timeout", "a" * 5000, "\n", "é"]
    ),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(["flow", "asset", "type"]), inside),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(file=st.sampled_from(sorted(SOUND)), place=st.integers(0, 10_000), odd=ODD, remove=st.booleans())
def test_checking_never_breaks(file: str, place: int, odd: Any, remove: bool) -> None:
    changed = copy.deepcopy(SOUND)
    places = list(_places(changed[file]))
    holder, key = places[place % len(places)]
    if remove:
        del holder[key]
    else:
        holder[key] = odd
    documents = {name: Document(name, data) for name, data in changed.items()}  # as from the API, without lines
    assert all(str(problem) for problem in check(assemble(documents, (), {})))


def _places(value: Any) -> Any:
    """Every place in a document at which something else could stand."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in items:
        yield value, key
        yield from _places(inside)


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 400, "1e999"])
def test_a_number_that_is_too_large_is_a_problem_with_its_line(number: str) -> None:
    document = read("a.yaml", f"flow: a\nnumber: {number}\n")
    (problem,) = document.problems
    assert (problem.line, problem.field, document.data["number"]) == (2, "number", number)
