"""JSONPath on an API's answer: the values of RFC 9535, and an end for every path on every answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonpath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.flows.deployment_values import Deployment
from chatflow.flows.integrations import Integration, findings
from chatflow.integrations.json_path import MAX_SIZE, MAX_STEPS, BadPath, TooMuchWork, find
from chatflow.integrations.response_mapping import map_response
from chatflow.nodes.ports import Answer

STORE = {
    "books": [
        {"title": "Red", "price": 8, "tags": ["a", "b"], "sold": True},
        {"title": "Blue", "price": 12.5, "tags": [], "sold": 1},
        {"title": "Grün", "price": None, "isbn": "3-16"},
    ],
    "limit": 10,
    "deep": {"title": "Red", "list": [[1, [2]], {"price": 8}]},
}
PATHS = [
    "$[*]",
    "$..title",
    "$..*",
    "$..[0]",
    "$..[-1]",
    "$.books[0:2].title",
    "$.books[::-1].title",
    "$.books[5:0:-2].title",
    "$.books[::0]",
    "$['limit', 'deep']",
    "$.books[?@.price < 10].title",
    "$.books[?@.price <= $.limit].title",
    "$.books[?@.price >= 8 && @.sold].title",
    "$.books[?!@.sold || @.price == 8].title",
    "$.books[?@.price == null].title",
    "$.books[?@.nothing == @.nowhere].title",
    "$.books[?@.nothing != 1].title",
    "$.books[?@.sold == true].title",
    "$.books[?length(@.tags) == 0].title",
    "$.books[?count(@.tags[*]) > 1].title",
    "$.books[?value(@..isbn) == '3-16'].title",
    "$.books[?match(@.title, 'R.d|Gr.n')].title",
    "$.books[?search(@.title, 'e')].title",
    "$.books[?search(@.price, 'e')].title",
    "$..[?@.price == 8].title",
    "$.deep.list[?@[1][0] == 2]",
    "$[?@.list[?@.price]]",
    "$.books[?@.tags == $.books[0].tags].title",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_selects_what_the_library_selects(path: str) -> None:
    assert find(path, STORE, never) == jsonpath.findall(path, STORE, strict=True)


values = st.none() | st.integers(-3, 3) | st.sampled_from(["Red", "a", ""])
nested = st.recursive(
    values,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["books", "price", "tags", "title"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.sampled_from(PATHS), st.lists(nested, max_size=3) | st.dictionaries(st.just("books"), nested))
def test_a_path_selects_the_same_in_any_document(path: str, document: Any) -> None:
    assert find(path, document, never) == jsonpath.findall(path, document, strict=True)


def test_true_is_not_one_at_any_depth() -> None:
    assert find("$[?@ == $[0]]", [[True], [1], [True]], never) == [[True], [True]]


REFUSED = {
    "$[?search(@.a, @.p)]": "the pattern of search() must be written in the path",
    "$[?match(@.a, $.p)]": "the pattern of match() must be written in the path",
    "$[?match(@.a, value(@..p))]": "the pattern of match() must be written in the path",
    "$[?@.x[?search(@.a, $.p)]]": "the pattern of search() must be written in the path",
    "$[?!match(@.a, 'x') || search(@.a, @.p)]": "the pattern of search() must be written in the path",
    "$[?match(@.a, '(?=a)b')]": "takes a pattern of RE2",
    "$[?search(@.a, '(a)\\\\1')]": "takes a pattern of RE2",
    "$[?search(@.a, '(?<!a)b')]": "takes a pattern of RE2",
    "$[?match(@.a, '(')]": "takes a pattern of RE2",
    "$[?match(@.a, 'a{1,5000}')]": "takes a pattern of RE2",
    "$[?match(@.a, '(.{1,900}){1,20}')]": "takes a pattern of RE2",
    "$[?match(@.a, 5)]": "must be written in the path",
    "$[?@.a =~ /x/]": "",
    "$[?@.a in ['x']]": "",
    "$.a | $.b": "",
    "$[$.a]": "",
    "$" + ".a" * 2000: "at most 2048 characters",
    "$[?" + "(" * 600 + "@.a" + ")" * 600 + "]": "",
}


@pytest.mark.parametrize(("path", "reason"), REFUSED.items(), ids=range(len(REFUSED)))
def test_validation_refuses_what_is_not_evaluated(path: str, reason: str) -> None:
    written = {"integration": "claim", "method": "GET", "url": "https://api.example.com"}
    integration = Integration.model_validate({**written, "response": {"base_element": path}})
    messages = [each.message for each in findings(integration, Deployment()) if each.path[0] == "response"]
    with pytest.raises(BadPath) as refused:
        find(path, [{"a": "x", "p": "x"}], never)
    assert len(messages) == 1
    assert reason in str(refused.value)
    assert str(refused.value) in messages[0]


def test_an_integration_that_was_published_with_such_a_path_fails_with_a_reason() -> None:
    mapped = mapping("$[?search(@.a, @.p)]", [{"a": "x", "p": "x"}])
    assert (mapped.exit, mapped.reason, mapped.value) == ("failure", "path", None)
    assert mapped.error == "the pattern of search() must be written in the path"


NESTED: Any = 1
for _ in range(30):
    NESTED = [NESTED, NESTED] if len(json.dumps(NESTED)) < 100_000 else [NESTED]
ENDLESS = {
    "three descents": ("$..*..*..*..*", [[[[each] * 10] * 10] * 10 for each in range(40)]),
    "three descents into depth": ("$..*..*..*..*", NESTED),
    "a descent in a filter of a descent": ("$..[?count($..*) > 5]", [[each] for each in range(1000)]),
    "a filter on scalars only": ("$..*..[?@ == 1]", [[0] * 1000 for _ in range(50)] + [[[[[[[0] * 9000]]]]]] * 50),
    "comparing large values": ("$[?@ == $[0]]", [[[0] * 1000]] * 1000),
    "objects with other keys": ("$[?@ == $[0]]", [{str(each): 0 for each in range(500)}] * 2000),
    "many selectors": (f"$..[{','.join('*' * 200)}]", [[0] * 5000]),
    "a pattern on long texts": ("$[?search(@, 'a.{0,50}c')]", ["ab" * 6_000] * 300),
}


@pytest.mark.parametrize(("path", "document"), ENDLESS.values(), ids=ENDLESS)
def test_an_evaluation_that_takes_too_many_steps_is_given_up(path: str, document: Any) -> None:
    with pytest.raises(TooMuchWork, match=str(MAX_STEPS)):
        find(path, document, never)


@pytest.mark.parametrize(("path", "document"), ENDLESS.values(), ids=ENDLESS)
def test_an_evaluation_ends_when_its_time_is_over(path: str, document: Any) -> None:
    with pytest.raises(TooMuchWork, match="time"):
        find(path, document, after(2))


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ('$[?match(@.a, "(a|aa)+")]', [{"a": "a" * 45 + "!"}]),
        ('$[?search(@.a, "^(a+)+$")]', [{"a": "a" * 60 + "!"}]),
        ('$[?search(@.a, "(x+x+)+y")]', [{"a": "x" * 100_000}]),
        ('$[?match(@.a, "(.*)*=(.*)*")]', [{"a": "b" * 5_000}]),
    ],
)
def test_a_pattern_that_stalls_a_backtracking_engine_is_soon_done(path: str, document: Any) -> None:
    assert find(path, document, after(1_000)) == []


def test_matches_that_repeat_the_same_content_are_limited_in_size() -> None:
    document: Any = "x" * 50_000
    for _ in range(10):
        document = [document]
    with pytest.raises(TooMuchWork, match="overlap"):
        find("$..*", document, never)


@given(st.text(max_size=20), st.integers(1, 30))
def test_matches_that_do_not_overlap_are_never_too_large(text: str, depth: int) -> None:
    document = [{"a": [text] * depth}] * 50
    assert len(json.dumps(document)) < MAX_SIZE
    assert len(find("$[*].a[*]", document, never)) == 50 * depth


def test_a_whole_answer_of_the_largest_size_is_selected() -> None:
    assert len(find("$[*]", [1] * 131_000, never)) == 131_000


def test_a_short_evaluation_after_the_deadline_still_counts() -> None:
    assert mapping("$.list[*].id", {"list": [{"id": 1}, {"id": 2}]}, after(0)).value == [1, 2]


def test_an_exit_is_not_chosen_by_a_path_that_was_given_up() -> None:
    path, document = ENDLESS["three descents"]
    body = json.dumps(document).encode()
    mapped = map_response(Answer(200, {}, body), {"response": {"element_validation": path}}, ["200"])
    assert (mapped.exit, mapped.reason) == ("failure", "path")


def never() -> bool:
    return False


def after(checks: int) -> Callable[[], bool]:
    """A deadline that has passed when it is looked at for the time `checks + 1`."""
    seen = 0

    def expired() -> bool:
        nonlocal seen
        seen += 1
        return seen > checks

    return expired


def mapping(path: str, document: Any, expired: Callable[[], bool] = never) -> Any:
    answer = Answer(200, {}, json.dumps(document).encode())
    return map_response(answer, {"response": {"base_element": path}}, (), expired)
