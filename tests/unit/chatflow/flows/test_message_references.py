"""What validation says about `[[message:...]]`, about `accept` of input nodes, and about routes for ads."""

from __future__ import annotations

import pytest

from tests.fakes.flow_folders import FlowFolder, compiled

FLOW = """\
chatflow: 1
flow: other
title: Other
start: a
nodes:
  a: {{type: text, say: "{say}", then: b}}
  b: {{type: input, prompt: Where to, save_as: place, {more}, then: end}}
"""


def problems(folder: FlowFolder, say: str = "Hi", more: str = "attempts: 1") -> list[str]:
    return folder.problems({"other.yaml": FLOW.format(say=say, more=more)})


@pytest.mark.parametrize("name", ["text", "form.plate", "contacts.0.name", "location.latitude", "referral.source_id"])
def test_what_a_message_may_hold_can_be_used(name: str, folder: FlowFolder) -> None:
    assert problems(folder, f"[[message:{name}]]") == []


def test_what_no_message_holds_is_a_problem(folder: FlowFolder) -> None:
    [problem] = problems(folder, "[[message:refferal]]")
    assert '[[message:refferal]] does not exist. Did you mean "referral"?' in problem


@pytest.mark.parametrize("accept", ["[text]", "[location]", "[text, contact]", "[form, location]"])
def test_an_input_accepts_these_kinds(accept: str, folder: FlowFolder) -> None:
    assert problems(folder, more=f"accept: {accept}") == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("accept: []", "accept"),
        ("accept: [photo]", "accept"),
        ("accept: [text, text]", "A kind stands here twice."),
        ('accept: [location], pattern: "[0-9]+"', "A pattern is for texts only."),
    ],
)
def test_what_is_wrong_with_accept(more: str, told: str, folder: FlowFolder) -> None:
    [problem] = problems(folder, more=more)
    assert told in problem


@pytest.mark.parametrize(("more", "kept"), [("attempts: 1", None), ("accept: [contact]", ["contact"])])
def test_accept_is_compiled_where_it_says_more_than_text(more: str, kept: list[str] | None, folder: FlowFolder) -> None:
    version = compiled(folder.project({"other.yaml": FLOW.format(say="Hi", more=more)}))["flows"]["other"]
    [config] = [part["nodes"]["b"]["config"] for part in version["slices"].values() if "b" in part["nodes"]][:1]
    assert config.get("accept") == kept


def test_a_route_for_ads_may_stand_before_one_for_everything(folder: FlowFolder) -> None:
    routes = "chatflow: 1\nroutes:\n  - {referral: any, flow: other}\n  - {flow: other}\n"
    assert folder.problems({"routes.yaml": routes}) == []
    assert compiled(folder.project({"routes.yaml": routes}))["routes"]["routes"][0]["referral"] == "any"
