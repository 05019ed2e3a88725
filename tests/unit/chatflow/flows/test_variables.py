"""Which variables are set when a node is entered."""

from __future__ import annotations

import pytest

from tests.fakes.flow_folders import FlowFolder

UNSET = "No way to this node sets [[{}]]. Set it before, or correct the name."


def test_a_variable_that_one_of_several_ways_sets_may_be_used(folder: FlowFolder) -> None:
    assert (
        folder.flow_problems("""
  ask: {type: input, prompt: "Plate?", save_as: plate, exits: {received: use, gave_up: use}}
  use: {type: text, say: "[[plate]]", then: end}
""")
        == []
    )


def test_a_variable_that_only_another_way_sets_may_not(folder: FlowFolder) -> None:
    assert folder.flow_problems("""
  ask: {type: input, prompt: "Plate?", save_as: plate, exits: {received: end, gave_up: use}}
  use: {type: text, say: "[[plate]]", then: end}
""") == ["use > say: " + UNSET.format("plate")]


def test_what_goes_round_in_a_loop_that_waits_is_set_the_second_time(folder: FlowFolder) -> None:
    assert (
        folder.flow_problems("""
  ask: {type: input, prompt: "Plate? Before: [[plate]]", save_as: plate, exits: {received: ask}}
""")
        == []
    )


def test_an_answer_without_a_name_may_set_anything(folder: FlowFolder) -> None:
    assert (
        folder.flow_problems("""
  call: {type: api_integration, integration: decide, exits: {success: use, failure: end}}
  use: {type: text, say: "[[status]] [[call_response.status]]", then: end}
""")
        == []
    )


def test_the_node_of_the_session_timeout_knows_what_was_set_where_the_flow_waited(folder: FlowFolder) -> None:
    nodes = """
  ask: {type: input, prompt: "Plate?", save_as: plate, then: more}
  more: {type: input, prompt: "More?", save_as: more, then: end}
  bye: {type: text, say: "Bye [[plate]] [[more]]", then: end}
"""
    assert folder.flow_problems(nodes, session="{on_timeout: bye}") == ["bye > say: " + UNSET.format("more")]


def test_a_flow_may_use_what_the_flow_before_it_has_set(folder: FlowFolder) -> None:
    first = """
  ask: {type: input, prompt: "Plate?", save_as: plate, then: {flow: second}}
"""
    second = 'chatflow: 1\nflow: second\nstart: use\nnodes: {use: {type: text, say: "[[plate]] [[name]]", then: end}}'
    folder.project({"second.yaml": second})
    assert folder.flow_problems(first) == ["second.yaml: use > say: " + UNSET.format("name")]


def test_what_the_business_gives_is_set_from_the_beginning(folder: FlowFolder) -> None:
    assert folder.flow_problems('  use: {type: text, say: "[[plate]]", then: end}\n', given="[plate]") == []


def test_the_session_and_the_contact_are_always_there(folder: FlowFolder) -> None:
    say = "[[session:id]] [[session:msisdn]] [[contact:name]] [[upper:contact:name]]"
    assert folder.flow_problems(f'  use: {{type: text, say: "{say}", then: end}}\n') == []


def test_why_a_node_failed_may_be_told_where_it_failed(folder: FlowFolder) -> None:
    assert (
        folder.flow_problems("""
  keep: {type: set_variable, set: {a: 1}, exits: {done: end, failed: use}}
  use: {type: text, say: "[[failure.reason]]", then: end}
""")
        == []
    )


@pytest.mark.parametrize(
    ("name", "holds"),
    [("photo", "a file"), ("copy", "a file"), ("text", "no file")],
)
def test_a_copy_of_a_file_is_a_file(folder: FlowFolder, name: str, holds: str) -> None:
    nodes = f"""
  ask: {{type: media, direction: inbound, prompt: Photo, save_as: photo, then: keep}}
  keep: {{type: set_variable, set: {{copy: "[[photo]]", text: "a [[photo]]"}}, then: up}}
  up:
    type: api_integration
    integration: upload
    parameters: {{file: "[[photo]]", plate: X}}
    exits: {{success: again, failure: end}}
  again:
    type: api_integration
    integration: upload
    parameters: {{file: "[[{name}]]", plate: X}}
    exits: {{success: end, failure: end}}
"""
    told = folder.flow_problems(nodes)
    assert (told == []) == (holds == "a file")
    assert all(each.startswith("again > parameters.file: [[text]] is never a file here.") for each in told)


def test_a_download_that_was_overwritten_is_no_file_any_more(folder: FlowFolder) -> None:
    told = folder.flow_problems("""
  get: {type: api_integration, integration: download, save_as: report, exits: {success: keep, failure: end}}
  keep: {type: set_variable, set: {report: gone}, then: give}
  give: {type: media, direction: outbound, source: {media: "[[report]]"}, then: end}
""")
    assert len(told) == 1
    assert told[0].startswith("give > source.media: No API Integration before this node downloads [[report]].")
