"""What an author may write of a Delay node, and what validation says of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatflow.flows.compilation import compile_flow
from chatflow.flows.graph import Graph
from chatflow.flows.node_config import Resources
from chatflow.flows.validation import check, warnings
from nodes.delay.config import Config
from tests.fakes.flow_folders import FlowFolder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[FlowFolder]:
    yield FlowFolder(tmp_path / "flows")


def problems(folder: FlowFolder, fields: str, more: str = "") -> list[str]:
    return folder.flow_problems(f"  pause: {{type: delay, {fields}}}\n{more}")


def config(**fields: Any) -> Config:
    return Config.model_validate({"type": "delay", "then": "end", **fields})


@pytest.mark.parametrize(
    "fields",
    [
        "for: 30s, then: end",
        "for: 30d, exits: {done: end, message: end, failed: end}",
        'at: "00:00", zone: UTC, then: end',
        "at: 23:59, zone: America/Argentina/Buenos_Aires, say: Later., exits: {done: end, undelivered: end}",
    ],
)
def test_a_sound_one_has_no_problem(folder: FlowFolder, fields: str) -> None:
    assert problems(folder, fields) == []


def test_a_variable_may_hold_the_time(folder: FlowFolder) -> None:
    begin = "  begin: {type: set_variable, set: {visit: {begins: 1760000000}}, then: pause}\n"
    pause = '  pause: {type: delay, until: "[[visit.begins]]", then: end}\n'
    assert folder.flow_problems(begin + pause) == []


@pytest.mark.parametrize(
    ("fields", "where", "message"),
    [
        ("then: end", "pause", "Write how long to wait: one of for, at (with zone) and until."),
        ("for: 1h, at: 09:00, zone: UTC, then: end", "at", '"for" says already until when to wait.'),
        ('for: 1h, until: "[[session:id]]", then: end', "until", '"for" says already until when to wait.'),
        ("for: 29s, then: end", "for", "Write a time from 30s to 30d."),
        ("for: 30d 1s, then: end", "for", "Write a time such as 90s, 10m, 2h or 1d."),
        ("for: 31d, then: end", "for", "Write a time from 30s to 30d."),
        ("for: soon, then: end", "for", "Write a time such as 90s, 10m, 2h or 1d."),
        ("for: 0, then: end", "for", "Write a time from 30s to 30d."),
        ("at: 09:00, then: end", "zone", "Write in which time zone it is 09:00 then."),
        ("at: 09:00, zone: Europe/Berln, then: end", "zone", 'Did you mean "Europe/Berlin"?'),
        ("at: 09:00, zone: europe/berlin, then: end", "zone", 'Did you mean "Europe/Berlin"?'),
        ("at: 09:00, zone: +02:00, then: end", "zone", "Names are those of the IANA database"),
        ("at: 09:00, zone: ../etc/passwd, then: end", "zone", 'There is no time zone "../etc/passwd".'),
        ("for: 1h, zone: UTC, then: end", "zone", "A zone belongs to a time of day."),
        ("at: 24:00, zone: UTC, then: end", "at", '"24:00" is no time of day. Write hours and minutes'),
        ("at: 9:00, zone: UTC, then: end", "at", '"9:00" is no time of day. Write hours and minutes'),
        ("at: 9 am, zone: UTC, then: end", "at", '"9 am" is no time of day. Write hours and minutes'),
        ("until: 2026-12-24T18:00:00Z, then: end", "until", 'Write one whole variable, such as "[[visit.begins]]".'),
        ('until: "[[x]]", then: end', "until", "No way to this node sets [[x]]."),
        ("for: 1h, say: Later., exits: {done: end, message: end}", "say", "This is never said"),
        ("for: 1h, exits: {done: end, undelivered: end}", "exits.undelivered", "This exit is never taken"),
        ("for: 1h, exits: {done: end, mesage: end}", "exits.mesage", 'Did you mean "message"?'),
        ("for: 1h, exits: {message: end}", "exits.done", 'Where "done" leads is not written.'),
    ],
)  # fmt: skip
def test_anything_else_is_a_problem_that_names_the_field(
    folder: FlowFolder, fields: str, where: str, message: str
) -> None:
    found = problems(folder, fields)
    named = [each for each in found if (f"pause > {where}:" if where != "pause" else "pause: ") in each]
    assert any(message in each for each in named), found
    assert len(found) == 1, found


def test_what_is_published_is_what_was_written_and_no_more() -> None:
    published = config(**{"for": "90m"}).compiled(Resources())
    assert published == {"for": 5400, "say": "", "exit_on_message": False}
    assert config(at="09:00", zone="UTC", say="x").compiled(Resources()) == {
        "at": "09:00", "zone": "UTC", "say": "x", "exit_on_message": False,
    }  # fmt: skip
    assert config(until="[[x]]", exits={"message": "end"}).compiled(Resources()) == {
        "until": "[[x]]", "say": "", "exit_on_message": True,
    }  # fmt: skip


FLOW = """\
chatflow: 1
flow: other
title: Other
start: ask
retention_days: {retention}
nodes:
  ask: {{type: media, direction: inbound, prompt: A photo, save_as: photo, exits: {{received: pause, gave_up: end}}}}
  pause: {{type: delay, for: {seconds}, {more}}}
  upload:
    type: api_integration
    integration: upload
    parameters: {{plate: B AB 1, file: "[[photo]]"}}
    exits: {{success: thanks, failure: end}}
  thanks: {{type: text, say: Thanks, then: end}}
"""


def a_flow(folder: FlowFolder, *, seconds: str, more: str = "then: upload", retention: int = 30) -> Any:
    return folder.project({"other.yaml": FLOW.format(seconds=seconds, more=more, retention=retention)})


def test_a_file_may_wait_between_the_node_that_takes_it_and_its_upload(folder: FlowFolder) -> None:
    project = a_flow(folder, seconds="1h")
    assert [each for each in check(project) if each.file == "other.yaml"] == []


def test_a_file_that_is_not_uploaded_after_a_message_is_a_problem(folder: FlowFolder) -> None:
    project = a_flow(folder, seconds="1h", more="exits: {done: upload, message: thanks}")
    [problem] = [each for each in check(project) if each.file == "other.yaml"]
    assert (problem.node, problem.field) == ("ask", "exits.received")


@pytest.mark.parametrize(("seconds", "warned"), [("23h", False), ("1d", True), ("30d", True)])
def test_a_message_behind_the_window_is_a_warning_that_names_the_channel_and_its_window(
    folder: FlowFolder, seconds: str, warned: bool
) -> None:
    found = [each for each in warnings(a_flow(folder, seconds=seconds)) if each.node == "pause"]
    assert bool(found) == warned
    assert all("On WhatsApp, a business may write for 1d after" in each.message for each in found)


def test_files_that_would_be_deleted_meanwhile_are_a_warning(folder: FlowFolder) -> None:
    found = [each.message for each in warnings(a_flow(folder, seconds="8d", retention=7))]
    assert any("deleted after 7 days" in each for each in found)


def test_a_loop_with_a_delay_may_be_published(folder: FlowFolder) -> None:
    flow = "  pause: {type: delay, for: 1m, then: say}\n  say: {type: text, say: Again, then: pause}\n"
    assert folder.flow_problems(flow) == []


def test_a_loop_whose_time_may_have_passed_already_never_waits_for_sure(folder: FlowFolder) -> None:
    begin = "  begin: {type: set_variable, set: {visit: 1760000000}, then: pause}\n"
    pause = '  pause: {type: delay, until: "[[visit]]", then: say}\n'
    say = "  say: {type: text, say: Again, then: AGAIN}\n"
    [problem] = folder.flow_problems(begin + pause + say.replace("AGAIN", "pause"))
    assert "This runs in a circle without waiting for the customer: pause > say > pause" in problem
    another = "  another: {type: delay, for: 30s, then: pause}\n"
    assert folder.flow_problems(begin + pause + say.replace("AGAIN", "another") + another) == []


def test_it_begins_a_slice_of_its_own_and_knows_whether_files_may_follow(folder: FlowFolder) -> None:
    project = a_flow(folder, seconds="1h", more="then: upload")
    flow = next(each for each in project.flows if each.name == "other")
    slices = compile_flow(Graph(flow, project.resources))["slices"]
    assert set(slices) == {"ask", "pause"}
    assert "files_ahead" not in slices["pause"]["nodes"]["pause"]
