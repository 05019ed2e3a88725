"""Every problem is reported at once: what is broken in one place hides nothing that is wrong in another.

The property is tested with pairs of the single faults below: together they have the problems that each has alone.
"""

from __future__ import annotations

import copy
import itertools
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.flows.project import assemble, load
from chatflow.flows.validation import check
from chatflow.flows.yaml_documents import Document

EXAMPLES = load(Path(__file__).parents[4] / "flows")
SOUND = {file: document.data for file, document in EXAMPLES.documents.items()}
ASSETS = tuple(EXAMPLES.resources.assets.values())
GONE = object()

# Each fault by what it is: the file, the path in it, and what is written there.
CAR, ONE_IN, THREE_IN = "damage-report.yaml", "one-file-in.yaml", "three-files-in.yaml"
ONE_OUT, THREE_OUT, MENU, ROUTES = "one-file-out.yaml", "three-files-out.yaml", "welcome.yaml", "routes.yaml"
UPLOAD, FILES, DOWNLOAD = (f"integrations/{name}.yaml" for name in ("claims-upload", "files-upload", "report-download"))
FAULTS: dict[str, tuple[str, tuple[Any, ...], Any]] = {
    # Fields of nodes: their kinds, missing ones, unknown ones, limits.
    "a kind of file that is none": (CAR, ("nodes", "ask_photo", "accept"), ["image", "sound"]),
    "a mistyped node type": (CAR, ("nodes", "not_saved", "type"), "txt"),
    "no node type": (CAR, ("nodes", "accepted", "type"), GONE),
    "a mistyped type of a node with many fields": (THREE_IN, ("nodes", "ask_third", "type"), "meda"),
    "a mistyped direction": (THREE_OUT, ("nodes", "send_leaflet", "direction"), "outbuond"),
    "no direction": (THREE_OUT, ("nodes", "send_photo", "direction"), GONE),
    "no name for the answer": (CAR, ("nodes", "ask_plate", "save_as"), GONE),
    "no name for a file": (ONE_IN, ("nodes", "ask_file", "save_as"), GONE),
    "a name for a file that cannot be used": (THREE_IN, ("nodes", "ask_first", "save_as"), ["first"]),
    "no name for a download": (ONE_OUT, ("nodes", "get_report", "save_as"), GONE),
    "a field that nobody knows": (CAR, ("nodes", "how_to", "colour"), "red"),
    "a mistyped field": (CAR, ("nodes", "ask_photo", "prompts"), "One photo, please"),
    "a text that is a list": (CAR, ("nodes", "call_us", "say"), ["Bye"]),
    "a text that is too long": (CAR, ("nodes", "in_review", "say"), "x" * 5000),
    "too many attempts": (ONE_IN, ("nodes", "ask_file", "attempts"), 50),
    "a time that is none": (ONE_OUT, ("nodes", "ask_plate", "timeout"), "soon"),
    "a pattern that cannot be followed": (CAR, ("nodes", "ask_plate", "pattern"), "([A-Z"),
    "a case without a comparison": (CAR, ("nodes", "how_far", "cases", 1, "equals"), GONE),
    "a case with two comparisons": (CAR, ("nodes", "how_far", "cases", 0, "contains"), "x"),
    "an option without a title": (MENU, ("nodes", "choose", "options", 2, "title"), GONE),
    "an option that is none": (CAR, ("nodes", "more_photos", "options", 1, "id"), ""),
    "two sources of a file": (CAR, ("nodes", "leaflet", "source", "media"), "[[report]]"),
    "an asset that is not there": (CAR, ("nodes", "leaflet", "source", "asset"), "what-next.pdf"),
    "parameters that are a list": (THREE_IN, ("nodes", "upload_third", "parameters"), ["third"]),
    "no integration": (THREE_OUT, ("nodes", "get_report", "integration"), GONE),
    "an integration that is not there": (CAR, ("nodes", "upload_photo", "integration"), "claim-uploads"),
    # Where nodes lead.
    "an exit to nowhere": (CAR, ("nodes", "ask_plate", "exits", "gave_up"), "nowhere"),
    "a mistyped target": (THREE_IN, ("nodes", "upload_first", "exits", "success"), "ask_secnd"),
    "a mistyped exit": (CAR, ("nodes", "upload_photo", "exits", "faliure"), "not_saved"),
    "a target that is a number": (CAR, ("nodes", "more_photos", "exits", "gave_up"), 7),
    "an exit to a flow that is not there": (MENU, ("nodes", "choose", "options", 0, "then", "flow"), "claims"),
    "a node that nothing leads to": (CAR, ("nodes", "lonely"), {"type": "text", "say": "Hi", "then": "end"}),
    "a node without a type that nothing leads to": (ONE_IN, ("nodes", "empty"), {}),
    "an exit that is not written": (ONE_IN, ("nodes", "upload", "exits", "failure"), GONE),
    "a circle": (ONE_OUT, ("nodes", "sorry", "then"), "get_report"),
    "a start that is not there": (THREE_OUT, ("start",), "begin"),
    "no start": (ONE_IN, ("start",), GONE),
    "a mistyped node to go to after a time": (CAR, ("session", "on_timeout"), "stil_there"),
    "a turn that is too large": (
        THREE_IN,
        ("nodes", "thanks"),
        {"type": "set_variable", "set": {"list": ["x" * 1000] * 120}, "then": "end"},
    ),
    # Variables and files.
    "a variable that nothing sets": (CAR, ("nodes", "accepted", "say"), "Thanks for [[foto]]"),
    "a variable that is set later": (CAR, ("nodes", "what_happened", "prompt"), "Again, [[claim.id]]?"),
    "a variable in a node that nothing leads to": (
        THREE_OUT,
        ("nodes", "lonely"),
        {"type": "text", "say": "[[nobody]]", "then": "end"},
    ),
    "a template that cannot be filled": (CAR, ("nodes", "still_there", "say"), "Bye [[contact:nam]]"),
    "a file that is not uploaded": (THREE_IN, ("nodes", "ask_second", "exits", "received"), "thanks"),
    "a download that never was": (THREE_OUT, ("nodes", "send_photo", "source", "media"), "[[foto]]"),
    "a parameter that is not there": (CAR, ("nodes", "upload_photo", "parameters", "plat"), "x"),
    # Other documents.
    "a flow without a name": (ONE_OUT, ("flow",), GONE),
    "an integration with an unknown field": (UPLOAD, ("tittle",), "Hand in"),
    "an integration with a method that is none": (UPLOAD, ("method",), "SEND"),
    "an integration without a url": (FILES, ("url",), GONE),
    "an integration whose body has an unknown type": (DOWNLOAD, ("request", "content_type"), "text"),
    "an integration whose answer has an unknown type": (DOWNLOAD, ("response", "content_type"), "pdf"),
    "a header that Chatflow writes": (UPLOAD, ("headers", "Host"), "example.com"),
    "a path that is no JSONPath": (FILES, ("response", "base_element"), "claim"),
    "an integration without a name": (UPLOAD, ("integration",), GONE),
    "a route with an unknown field": (ROUTES, ("routes", 0, "keyword"), ["x"]),
    "a route to a flow that is not there": (ROUTES, ("routes", 1, "flow"), "nothing"),
    "a route on a channel that is not there": (ROUTES, ("routes", 2, "channel"), "telex"),
    "a keyword that is a number": (ROUTES, ("routes", 3, "keywords"), [5]),
    "a keyword that stands twice": (ROUTES, ("routes", 4, "keywords"), ["documents", "damage"]),
    "words that lead nowhere": (ROUTES, ("leave", 1, "then", "flow"), "nothing"),
    "a variable in a text of the routes": (ROUTES, ("no_match",), "Sorry, [[name]]"),
    "an address that is none": ("deployment.yaml", ("other_url",), "ftp://example.com"),
}  # fmt: skip
# Pairs that are about one thing, so that what is wrong with it depends on both.
TOGETHER = {
    # Whether a download lacks a name depends on whether it is one.
    ("no name for a download", "an integration whose answer has an unknown type"),
    # Which of the two sources counts is not known.
    ("two sources of a file", "an asset that is not there"),
    # What an integration needs and answers is not known while it is not there.
    ("an integration that is not there", "a mistyped exit"),
    ("an integration that is not there", "a parameter that is not there"),
    # The second fault leads one more turn to the large node.
    ("a turn that is too large", "a file that is not uploaded"),
}
PAIRS = [pair for pair in itertools.combinations(FAULTS, 2) if pair not in TOGETHER]


def problems(*faults: str) -> set[str]:
    """All that is wrong with the examples after these faults, without suggestions: they name what else there is."""
    data = copy.deepcopy(SOUND)
    for fault in faults:
        file, (*path, last), value = FAULTS[fault]
        holder = data[file]
        for step in path:
            holder = holder[step]
        if value is GONE:
            del holder[last]
        else:
            holder[last] = copy.deepcopy(value)
    documents = {file: Document(file, each) for file, each in data.items()}
    return {str(problem.identity) for problem in check(assemble(documents, ASSETS, {}))}


ALONE = {fault: problems(fault) for fault in FAULTS}


def test_the_examples_are_sound_and_each_fault_is_reported() -> None:
    assert problems() == set()
    assert [fault for fault, found in ALONE.items() if not found] == []


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PAIRS))
def test_two_faults_have_the_problems_that_each_has_alone(pair: tuple[str, str]) -> None:
    assert problems(*pair) == ALONE[pair[0]] | ALONE[pair[1]]


@pytest.mark.slow
def test_every_fault_has_its_problems_beside_many_others() -> None:
    """All pairs take two minutes: CHATFLOW_ALL_PAIRS=1."""
    pairs = PAIRS if os.environ.get("CHATFLOW_ALL_PAIRS") else PAIRS[::5]
    assert [pair for pair in pairs if problems(*pair) != ALONE[pair[0]] | ALONE[pair[1]]] == []
