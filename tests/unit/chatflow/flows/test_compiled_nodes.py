"""What each node type's fields become when they are published: plain, with everything filled in."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.flows.validation import check
from chatflow.flows.yaml_documents import read
from tests.fakes.flow_folders import FlowFolder, compiled

WAITS = {"attempts": 3, "reprompt": "", "timeout": 0}
SETBACKS = {"gave_up": "end", "timeout": "end", "failed": "end"}


@pytest.fixture
def node(folder: FlowFolder) -> Any:
    """Publish one node written in YAML (after `given: [a]`), and give back its published form."""

    def publish(written: str) -> dict[str, Any]:
        flow = f"chatflow: 1\nflow: tested\nstart: it\ngiven: [a]\nnodes:\n  it: {written}\n"
        project = folder.project({"tested.yaml": flow})
        assert [str(problem) for problem in check(project)] == []
        found: dict[str, Any] = compiled(project)["flows"]["tested"]["slices"]["it"]["nodes"]["it"]
        return found

    return publish


def test_text(node: Any) -> None:
    assert node("{type: text, say: 'Hi [[a]]', then: end}") == {
        "type": "text",
        "seconds": 20,
        "waits": False,
        "config": {"say": "Hi [[a]]"},
        "exits": {"sent": "end", "failed": "end"},
    }


def test_input(node: Any) -> None:
    written = "{type: input, prompt: 'Plate?', pattern: '[A-Z]+', save_as: plate, timeout: 5m, then: it}"
    published = node(written)
    assert published["config"] == {
        **WAITS,
        "prompt": "Plate?",
        "pattern": "[A-Z]+",
        "save_as": "plate",
        "sensitive": False,
        "timeout": 300,
    }
    assert published["exits"] == {"received": "it", **SETBACKS}
    assert published["waits"] is True


def test_menu(node: Any) -> None:
    published = node(
        "{type: menu, prompt: Which, save_as: what, options: [{id: x, title: X, then: {flow: other}}, "
        "{id: y, title: Y, description: Why}], then: end}"
    )
    assert published["config"] == {
        **WAITS,
        "prompt": "Which",
        "options": [{"id": "x", "title": "X", "description": ""}, {"id": "y", "title": "Y", "description": "Why"}],
        "button": "Choose",
        "save_as": "what",
    }
    assert published["exits"] == {"x": {"flow": "other"}, "y": "end", **SETBACKS}


def test_a_menu_need_not_keep_the_choice(node: Any) -> None:
    assert node("{type: menu, prompt: Which, options: [{id: x, title: X}], then: end}")["config"]["save_as"] == ""


def test_condition(node: Any) -> None:
    published = node(
        "{type: condition, cases: [{if: '[[a]]', equals: x, then: end}, {if: '[[a]]', one_of: [1, two], then: end}, "
        "{if: '[[a]]', exists: true, then: {flow: other}}], otherwise: end}"
    )
    assert published["config"] == {
        "cases": [
            {"value": "[[a]]", "operator": "equals", "operand": "x", "exit": "case_1"},
            {"value": "[[a]]", "operator": "one_of", "operand": [1, "two"], "exit": "case_2"},
            {"value": "[[a]]", "operator": "exists", "operand": True, "exit": "case_3"},
        ]
    }
    assert published["exits"] == {"case_1": "end", "case_2": "end", "case_3": {"flow": "other"}, "otherwise": "end"}


def test_set_variable(node: Any) -> None:
    published = node("{type: set_variable, set: {b: '[[a]]', c: {d: [1, 2.5, true, null]}}, then: end}")
    assert published["config"] == {"set": {"b": "[[a]]", "c": {"d": [1, 2.5, True, None]}}}
    assert published["exits"] == {"done": "end", "failed": "end"}


def test_media_out_of_the_library(node: Any) -> None:
    published = node("{type: media, direction: outbound, source: {asset: picture.png}, caption: Look, then: end}")
    assert published["config"] == {
        "direction": "outbound",
        "source": {"asset": "picture.png"},
        "caption": "Look",
        "filename": "",
    }
    assert published["exits"] == {"sent": "end", "failed": "end"}


def test_api_integration_with_values_of_its_validation(node: Any) -> None:
    published = node(
        "{type: api_integration, integration: decide, "
        "exits: {approved: end, success: end, failure: end, denied: it2}}\n"
        "  it2: {type: text, say: No, then: end}"
    )
    assert published["config"]["values"] == ["approved", "denied"]
    assert published["config"]["save_as"] == ""
    assert published["exits"] == {"approved": "end", "denied": "it2", "success": "end", "failure": "end"}


def test_a_visit_may_take_as_long_as_all_attempts_of_its_call_but_never_longer_than_a_visit(
    node: Any, folder: FlowFolder
) -> None:
    short = (folder.path / "integrations/decide.yaml").read_text() + "timeout: 5s\nretry: {attempts: 2}\n"
    folder.project({"integrations/decide.yaml": short})
    assert node("{type: api_integration, integration: decide, exits: {success: end, failure: end}}")["seconds"] == 14
    assert (
        node("{type: api_integration, integration: tell, parameters: {note: x}, exits: {success: end, failure: end}}")[
            "seconds"
        ]
        == 60
    )


def test_the_hash_changes_with_the_content_and_only_with_it(folder: FlowFolder) -> None:
    def hash_of(flow: str) -> str:
        project = folder.project({"tested.yaml": f"chatflow: 1\nflow: tested\nstart: it\nnodes: {flow}"})
        return str(compiled(project)["flows"]["tested"]["hash"])

    first = hash_of("{it: {type: text, say: Hi, then: end}}")
    assert hash_of("{it: {then: end, say: Hi, type: text}}  # as before") == first
    assert hash_of("{it: {type: text, say: Ho, then: end}}") != first


def test_the_hash_changes_with_an_integration_that_the_flow_calls(folder: FlowFolder) -> None:
    flow = "chatflow: 1\nflow: t\nstart: it\nnodes: {it: {type: api_integration, integration: decide, exits: {success: end, failure: end}}}"  # noqa: E501
    before = compiled(folder.project({"t.yaml": flow}))["flows"]["t"]["hash"]
    changed = (folder.path / "integrations/decide.yaml").read_text() + "timeout: 5s\n"
    assert compiled(folder.project({"integrations/decide.yaml": changed}))["flows"]["t"]["hash"] != before


def test_json_documents_are_read_like_yaml() -> None:
    assert read("a.yaml", '{"say": "yes", "n": 1.5, "on": null}').data == {"say": "yes", "n": 1.5, "on": None}
