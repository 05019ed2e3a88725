"""Whatever stands in a document, checking it tells problems and never breaks."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.flows import variables
from chatflow.flows.project import assemble
from chatflow.flows.validation import MOST_OF_A_FILE, check
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


@settings(max_examples=75, deadline=None)
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


@pytest.mark.parametrize(
    "fields",
    [
        "exits: {" + "".join(f"e{n}: end, " for n in range(5000)) + "}",
        "then: end, " + "".join(f"f{n}: 1, " for n in range(5000)),
    ],
    ids=["exits", "fields"],
)
def test_of_very_many_problems_the_first_are_listed_and_the_others_counted(fields: str) -> None:
    document = read("a.yaml", f"chatflow: 1\nflow: a\nstart: n\nnodes:\n  n: {{type: text, say: Hi, {fields}}}\n")
    in_file = [each for each in check(assemble({"a.yaml": document}, (), {})) if each.file == "a.yaml"]
    assert len(in_file) == MOST_OF_A_FILE + 1
    assert in_file[-1].message.startswith("There are 400")
    assert in_file[-1].message.endswith(" more problems in this file. Mend these first.")


def test_a_state_of_variables_is_computed_a_few_times_for_each_node() -> None:
    calls = "".join(
        f"  n{n}: {{type: api_integration, integration: x, exits: {{success: n0, failure: n1, "
        + "".join(f"e{other}: n{other}, " for other in range(0, 60, 2))
        + "}}\n"
        for n in range(60)
    )
    documents = {
        "a.yaml": read("a.yaml", f"chatflow: 1\nflow: a\nstart: n0\nnodes:\n{calls}"),
        "integrations/x.yaml": read(
            "x.yaml", "integration: x\nmethod: GET\nurl: https://a.b/\nresponse: {element_validation: $.a}\n"
        ),
    }
    with patch.object(variables, "_after", wraps=variables._after) as computed:
        check(assemble(documents, (), {}))
    assert 60 <= computed.call_count <= 60 * 2 * 5  # each node has two ways: with `failure`, and without
