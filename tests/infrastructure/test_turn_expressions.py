"""The turn machine's expressions on the reference implementation of JSONata: lists stay lists, numbers stay whole.

JSONata takes a list of one element for the element itself wherever a path yields it. The emulator runs a port of it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chatflow.conversation.session import Session
from chatflow.conversation.turn import Turn
from chatflow.nodes.contract import Visit
from infrastructure.conversation.turn_definition import definition
from infrastructure.packaging.contents import ROOT

SCRIPT = Path(__file__).with_name("run_machine.mjs")
MACHINE = definition({"ask": ("arn:ask", 20), "say": ("arn:say", 20)})
SINGLES: list[Any] = [
    [],
    [1],
    [[]],
    [[1]],
    [{}],
    [{"a": [1]}],
    [None],
    [""],
    [False],
    {"a": [{"b": [2]}]},
    {},
    None,
    0,
    "",
]
LATE = 9_999_999_999_999  # milliseconds since the epoch


def node(kind: str = "say", **exits: Any) -> dict[str, Any]:
    return {"type": kind, "seconds": 20, "config": {"accept": ["image"], "one": [[1]]}, "exits": exits}


def payload(
    exit: str = "sent", *, wait: Any = None, set: dict[str, Any] | None = None, visit: int = 1
) -> dict[str, Any]:
    return {"exit": exit, "wait": wait, "set": set or {}, "effects": [], "record": {"visit": visit, "effects": [{}]}}


def given(nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "nodes": nodes,
        "at": "first",
        "phase": "enter",
        "event": {"id": "wamid.1", "kind": "message", "message": {"parts": ["one"]}},
        "memo": {"files": ["one"]},
        "variables": {},
        "visits": 0,
        "most_visits": 100,
        "until": LATE,
        "flow": "claims",
        "session": "s_1",
        "turn": 7,
        "retention_days": 30,
        "conversation": {"key": "c_1", "channel": "whatsapp", "account": "1", "contact": "2", "name": ""},
        **more,
    }


def run(*runs: tuple[dict[str, Any], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Run the machine for each input, with what its functions return."""
    if not (ROOT / "node_modules" / "jsonata").is_dir():
        pytest.fail("npm's jsonata is not installed: run `make ready`")
    program = shutil.which("node")
    assert program
    cases = [{"input": one, "payloads": payloads} for one, payloads in runs]
    done = subprocess.run(
        [program, SCRIPT],
        input=json.dumps({"definition": MACHINE, "runs": cases}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def test_variables_of_every_shape_pass_through_unchanged() -> None:
    nodes = {"first": node(sent="second"), "second": node(sent="end")}
    runs = [
        (given(nodes, variables={"old": value}), [payload(set={"new": value}), payload(visit=2)]) for value in SINGLES
    ]
    for value, answer in zip(SINGLES, run(*runs), strict=True):
        assert answer["output"]["variables"] == {"old": value, "new": value}
        assert answer["sent"][1]["Payload"]["variables"] == {"old": value, "new": value}
        assert answer["sent"][0]["Payload"]["config"] == nodes["first"]["config"]
        assert answer["sent"][0]["Payload"]["event"] == runs[0][0]["event"]
        assert answer["sent"][0]["Payload"]["memo"] == {"files": ["one"]}


@pytest.mark.parametrize("visits", [1, 2, 3])
def test_the_trail_is_a_list_however_many_visits_there_were(visits: int) -> None:
    names = ["first", *(f"n{number}" for number in range(2, visits + 1)), "end"]
    nodes = {name: node(sent=after) for name, after in pairwise(names)}
    (answer,) = run((given(nodes), [payload(visit=number + 1) for number in range(visits)]))
    assert answer["output"]["trail"] == [{"visit": number + 1, "effects": [{}]} for number in range(visits)]
    assert (answer["output"]["status"], answer["output"]["visits"]) == ("ended", visits)


@pytest.mark.parametrize("value", SINGLES)
def test_a_wait_keeps_what_the_node_asked_for(value: Any) -> None:
    wait = {"expects": ["text"], "seconds": 0, "memo": {"seen": value}}
    (answer,) = run((given({"first": node("ask")}), [payload("", wait=wait)]))
    assert answer["output"]["status"] == "waiting"
    assert answer["output"]["wait"] == wait
    assert len(answer["output"]["trail"]) == 1


def test_every_other_end_has_its_output() -> None:
    to_flow, late = node(sent={"flow": "other"}), node(sent="second")
    flow, other, deferred, many, unknown, nowhere = run(
        (given({"first": to_flow}), [payload()]),
        (
            given({"first": node(sent="ask"), "ask": node("ask", gone="third")}, until=LATE),
            [payload(), payload("gone")],
        ),
        (given({"first": late, "second": node()}, until=0), [payload()]),
        (given({"first": late}, visits=100), []),
        (given({"first": node("dance")}), []),
        (given({"first": node(sent="end")}), [payload("gone")]),
    )
    assert (flow["output"]["status"], flow["output"]["flow"]) == ("another_flow", "other")
    ended = {name: other["output"][name] for name in ("status", "at", "slice", "visits")}
    assert ended == {"status": "another_slice", "at": "third", "slice": "ask", "visits": 2}
    assert (deferred["output"]["status"], deferred["output"]["at"]) == ("deferred", "second")
    assert (many["output"]["status"], many["output"]["trail"]) == ("too_many_visits", [])
    assert unknown["error"] == "UnknownNodeType"
    assert nowhere["output"]["status"] == "ended"


def test_numbers_are_whole_on_both_sides_of_the_machine() -> None:
    """Another implementation of JSONata may write 3 as 3.0, which would be part of keys, names and tags."""
    (answer,) = run((given({"first": node(sent="end")}), [payload()]))
    sent = answer["sent"][0]["Payload"]
    numbers = ("visit", "turn", "deadline", "retention_days")
    visit = Visit.from_json({**sent, **{name: float(sent[name]) for name in numbers}})
    assert all(type(getattr(visit, name)) is int for name in numbers)
    turn = Turn({"kind": "continue", "id": "continue#1"}, Session("c_1", "whatsapp", "1", "2"), {}, 0)
    wait = {"expects": ["text"], "seconds": 60.0}
    turn.apply({"status": "waiting", "at": "first", "variables": {}, "visits": 3.0, "trail": [], "wait": wait}, 100)
    assert type(turn.session.visits) is int
    assert turn.session.waiting
    assert type(turn.session.waiting.deadline) is int


def test_what_a_visit_owes_is_known_to_the_visits_behind_it_and_comes_out_as_it_was() -> None:
    nodes = {"first": node(sent="second"), "second": node(sent="third"), "third": node(sent="end")}
    owed = [{"id": "k", "content": {"text": "Hello"}, "sent": ["wamid.1"], "doubts": 1}]
    second = payload(visit=2)
    second["record"] |= {"owed": owed, "owes": 1000}
    (answer,) = run((given(nodes), [payload(), second, payload(visit=3)]))
    assert [sent["Payload"].get("owes") for sent in answer["sent"]] == [None, None, 1000]
    assert answer["output"]["trail"][1]["owed"] == owed


def test_a_conversation_that_owes_says_so_to_every_visit() -> None:
    nodes = {"first": node(sent="second"), "second": node(sent="end")}
    (answer,) = run((given(nodes, owes=3000), [payload(), payload(visit=2)]))
    assert [sent["Payload"]["owes"] for sent in answer["sent"]] == [3000, 3000]
