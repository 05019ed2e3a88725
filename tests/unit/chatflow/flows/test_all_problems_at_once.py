"""Every problem is reported at once: what is broken in one place hides nothing that is wrong in another.

The property is tested with pairs of the single faults below: together they have the problems that each has alone.
"""

from __future__ import annotations

import copy
import itertools
import os
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.flows import flow
from chatflow.flows.project import assemble, load
from chatflow.flows.validation import check
from chatflow.flows.yaml_documents import Document
from tests.fakes.flow_folders import FlowFolder

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
    "a node that nothing leads to": (CAR, ("nodes", "lonely"), {"type": "text", "say": "Hi", "then": "what_happened"}),
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


@cache
def alone(fault: str) -> set[str]:
    return problems(fault)


def test_the_examples_are_sound_and_each_fault_is_reported() -> None:
    assert problems() == set()
    assert [fault for fault in FAULTS if not alone(fault)] == []


@settings(max_examples=40, deadline=None)  # a slow test takes each fifth pair
@given(st.sampled_from(PAIRS))
def test_two_faults_have_the_problems_that_each_has_alone(pair: tuple[str, str]) -> None:
    assert problems(*pair) == alone(pair[0]) | alone(pair[1])


@pytest.mark.slow
def test_every_fault_has_its_problems_beside_many_others() -> None:
    """All pairs take two minutes: CHATFLOW_ALL_PAIRS=1."""
    pairs = PAIRS if os.environ.get("CHATFLOW_ALL_PAIRS") else PAIRS[::5]
    assert [pair for pair in pairs if problems(*pair) != alone(pair[0]) | alone(pair[1])] == []


def test_a_broken_node_hides_no_problem_of_another(folder: FlowFolder) -> None:
    assert folder.flow_problems("""
  hello: {type: txt, say: Hello, then: ask_photo}
  ask_photo:
    type: media
    direction: inbound
    prompt: A photo, please
    accept: [image, sound]
    save_as: photo
    exits: {received: ask_plate}
  ask_plate: {type: input, prompt: "Your plate?", save_as: plate, exits: {received: thanks, gave_up: nowhere}}
  thanks: {type: text, say: "Thanks for [[foto]]", then: ask_other}
  ask_other: {type: media, direction: inbound, prompt: Another one, save_as: other, then: end}
  lonely: {type: text, say: Hi, then: end}
""") == [
        'hello > type: There is no node type "txt". Did you mean "text"?',
        'ask_photo > accept[1]: "sound" is not taken. Write "image", "document", "audio" or "video".',
        f'ask_photo > exits.received: {not_uploaded("photo")} "ask_other" comes first.',
        'ask_plate > exits.gave_up: There is no node "nowhere". There is: "ask_other", "ask_photo", "ask_plate", '
        '"end", "hello", "lonely", "thanks".',
        'thanks > say: No way to this node sets [[foto]]. Set it before, or correct the name. Did you mean "photo"?',
        f'ask_other > exits.received: {not_uploaded("other")} "ask_other" leads to the end.',
        "lonely: Nothing leads to this node. Lead an exit of another node to it, or take it out.",
    ]


def test_a_mistyped_type_hides_nothing_in_its_own_node_when_its_fields_tell_what_it_is(folder: FlowFolder) -> None:
    nodes = """
  photo:
    type: txt
    direction: inbound
    prompt: "A photo, [[nickname]]"
    accept: [image, sound]
    save_as: photo
    exits: {received: end, gave_up: nowhere}
"""
    assert [each.partition(": ")[0] for each in folder.flow_problems(nodes)] == [
        "photo > type",
        "photo > prompt",
        "photo > accept[1]",
        "photo > exits.gave_up",
        "photo > exits.received",
    ]


def test_a_variable_without_a_name_is_the_one_that_is_asked_for_and_nothing_else(folder: FlowFolder) -> None:
    assert folder.flow_problems("""
  plate: {type: input, prompt: "Your plate?", then: name}
  name: {type: input, prompt: "Your name?", save_as: name, then: tell}
  tell: {type: text, say: "[[plate]], [[name]], [[nme]]", then: sure}
  sure: {type: text, say: "[[upper:plate]]?", then: end}
""") == [
        'plate > save_as: "save_as" is missing. The variable that keeps the answer.',
        'tell > say: No way to this node sets [[nme]]. Set it before, or correct the name. Did you mean "name"?',
    ]


def test_what_follows_from_a_broken_field_is_not_reported(folder: FlowFolder) -> None:
    assert folder.flow_problems("""
  photo:
    type: media
    direction: inbound
    prompt: A photo, please
    save_as: [photo]
    timeout: soon
    exits: {timeout: end, received: up}
  up:
    type: api_integration
    integration: upload
    parameters: {file: "[[photo]]", plate: "[[photo.caption]]"}
    save_as: [claim]
    exits: {success: which, failure: end}
  which:
    type: menu
    prompt: "[[claim.id]] or [[claim_response.status]]?"
    options: [{id: A!, title: A, then: end}, {title: B, then: far}]
    exits: {gave_up: [far]}
  far: {type: condition, cases: [{if: "[[claim.id]]", then: also_far}], otherwise: {node: end}}
  also_far: {type: text, say: 5, next: last, then: end}
  last: {type: text, say: Bye, then: end}
""") == [
        "photo > save_as: This must be text, not a list.",
        "photo > timeout: Write a time such as 90s, 10m, 2h or 1d.",
        "up > save_as: This must be text, not a list.",
        'which > options[0].id: "A!" cannot be used here. Write small letters, digits, _ and - (at most 64).',
        'which > options[1].id: "id" is missing. The name of the option, and of the exit that it takes.',
        'which > exits.gave_up: Write "end", the name of a node, or {flow: name of a flow}.',
        "far > cases[0]: A case has exactly one comparison: equals, not_equals, one_of, contains, starts_with, "
        "matches, greater_than, less_than, exists.",
        'far > otherwise: Write "end", the name of a node, or {flow: name of a flow}.',
        'also_far > next: There is no field "next" here. Did you mean "exits"?',
        'also_far > say: This must be text. Put it in quotes: "5".',
    ]


def test_nodes_are_counted_before_anything_is_said_about_them(folder: FlowFolder) -> None:
    nodes = "".join(f"  n{n}: {{type: txt, say: '[[foto]]', then: nowhere}}\n" for n in range(4001))
    with patch.object(flow, "_repaired", wraps=flow._repaired) as validated:
        assert folder.flow_problems(nodes, titel="Many") == [
            'titel: There is no field "titel" here. Did you mean "title"?',
            "nodes: At most 200 may be here; there are 4001.",
        ]
    assert [call.args[1] for call in validated.call_args_list] == ["other.yaml hello"]


def test_every_step_of_overlapping_circles_is_in_a_circle_that_is_reported(folder: FlowFolder) -> None:
    problems = folder.flow_problems("""
  a: {type: text, say: Hi, exits: {sent: b, failed: a}}
  b: {type: text, say: Hi, exits: {sent: a, failed: c}}
  c: {type: text, say: Hi, exits: {sent: d, failed: end}}
  d: {type: text, say: Hi, exits: {sent: c, failed: a}}
""")
    assert sorted(each.split(": ")[2].partition(". ")[0] for each in problems) == [
        "a > a",
        "a > b > a",
        "a > b > c > d > a",
        "c > d > c",
    ]


def not_uploaded(variable: str) -> str:
    return (
        "A file that was received must be uploaded: the next API Integration has to be one that uploads "
        f"[[{variable}]] as multipart/form-data. It is not so where"
    )
