"""`[[deployment:...]]`: one address for each deployment, fixed before any customer writes a word."""

from __future__ import annotations

import pytest

from tests.fakes.flow_folders import FlowFolder, compiled

INTEGRATION = 'integration: tested\nmethod: GET\nurl: "[[deployment:business_url]]/claims"\n'
FLOW = """\
chatflow: 1
flow: tested
start: it
nodes: {it: {type: api_integration, integration: tested, exits: {success: end, failure: end}}}
"""
FILES = {
    "integrations/tested.yaml": INTEGRATION,
    "tested.yaml": FLOW,
    "deployment.yaml": "business_url: https://business.example.com/api/\n",
}


def url(folder: FlowFolder, **deployment: str) -> str:
    slices = compiled(folder.project(FILES, **deployment))["flows"]["tested"]["slices"]
    return str(slices["it"]["nodes"]["it"]["config"]["integration"]["url"])


def test_the_address_of_deployment_yaml_is_filled_in(folder: FlowFolder) -> None:
    assert url(folder) == "https://business.example.com/api/claims"


def test_a_deployment_may_give_another_address(folder: FlowFolder) -> None:
    assert url(folder, business_url="http://127.0.0.1:4711") == "http://127.0.0.1:4711/claims"


def test_a_value_that_no_integration_uses_does_no_harm(folder: FlowFolder) -> None:
    assert url(folder, other_url="https://x.example.com") == "https://business.example.com/api/claims"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("business.example.com", "A url begins with https://, or with one [[deployment:name]]."),
        ("http://business.example.com", "Customers' data travels only by https://."),
        ("https://[[contact:name]]", "The host must be written out"),
        ("https://business.example.com/[[plate]]", "An address holds no variables and no question mark."),
        ("https://business.example.com/?a=", "An address holds no variables and no question mark."),
        ("7", "Write an address here, such as https://business.example.com."),
    ],
)
def test_an_address_is_checked_like_any_other(folder: FlowFolder, value: str, message: str) -> None:
    problems = folder.problems({"deployment.yaml": f"other_url: {value}\n"})
    assert any(each.startswith(f"deployment.yaml: other_url: {message}") for each in problems)


def test_a_bad_address_that_a_deployment_gives_is_a_problem_too(folder: FlowFolder) -> None:
    problems = folder.problems(FILES, business_url="https://bad host/")
    assert 'deployment.yaml: business_url: "bad host" is not the name of a host.' in problems
