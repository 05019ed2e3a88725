"""`routes.yaml`: its published form, and what is wrong with it."""

from __future__ import annotations

import pytest

from chatflow.conversation.routing import flow_for, leave_route
from chatflow.messages import IncomingMessage
from tests.fakes.flow_folders import FlowFolder, compiled

ROUTES = """\
chatflow: 1
routes:
  - {keywords: [Damage, "Car  CRASH"], channel: whatsapp, account: "106", flow: other}
  - {flow: other}
leave:
  - {words: [STOP], say: "Bye, [[contact:name]]"}
  - {words: [menu], then: {flow: other}}
  - {words: [again], then: restart}
"""


def test_routes_are_published_with_everything_filled_in(folder: FlowFolder) -> None:
    assert compiled(folder.project({"routes.yaml": ROUTES}))["routes"] == {
        "routes": [
            {"keywords": ["damage", "car crash"], "channel": "whatsapp", "account": "106", "flow": "other"},
            {"keywords": [], "channel": "", "account": "", "flow": "other"},
        ],
        "leave": [
            {"words": ["stop"], "say": "Bye, [[contact:name]]", "then": "end"},
            {"words": ["menu"], "say": "", "then": {"flow": "other"}},
            {"words": ["again"], "say": "", "then": "restart"},
        ],
        "no_match": "Sorry, I did not understand that.",
        "apology": "Sorry, something went wrong on our side. Please try again later.",
        "unsupported": "Sorry, I cannot read that kind of message.",
    }


def test_how_long_a_pause_lasts_is_published_only_where_an_author_changed_it(folder: FlowFolder) -> None:
    assert compiled(folder.project({"routes.yaml": ROUTES + "pause_for: 90m\n"}))["routes"]["pause_for"] == 5400
    assert "pause_for" not in compiled(folder.project({"routes.yaml": ROUTES + "pause_for: 24h\n"}))["routes"]


@pytest.mark.parametrize("field", ["file_kept", "file_unused"])
def test_the_texts_about_files_are_published_where_an_author_wrote_them_and_cannot_be_empty(
    folder: FlowFolder, field: str
) -> None:
    assert compiled(folder.project({"routes.yaml": ROUTES + f"{field}: Danke.\n"}))["routes"][field] == "Danke."
    assert field not in compiled(folder.project({"routes.yaml": ROUTES}))["routes"]
    assert any(field in problem for problem in folder.problems({"routes.yaml": ROUTES + f'{field}: ""\n'}))


@pytest.mark.parametrize("typed", ["damage", " DAMAGE ", "car crash", "Car\u00a0Crash"])
def test_a_published_keyword_is_what_routing_compares_with(folder: FlowFolder, typed: str) -> None:
    routes = compiled(folder.project({"routes.yaml": ROUTES}))["routes"]
    message = IncomingMessage("m", "whatsapp", "106", "1650", "text", 1, text=typed)
    assert flow_for({**routes, "routes": routes["routes"][:1]}, message) == "other"
    assert leave_route(routes, IncomingMessage("m", "whatsapp", "106", "1650", "text", 1, text="Stop")) is not None


@pytest.mark.parametrize(
    ("routes", "problem"),
    [
        ("[{flow: othr}]", 'routes[0].flow: There is no flow "othr". Did you mean "other"?'),
        ("[{flow: other}, {keywords: [a], flow: other}]", "routes[0]: This route takes every message"),
        (
            "[{keywords: [a], flow: other}, {keywords: [b, A], flow: other}]",
            'routes[1].keywords[1]: "A" already stands in route 1, which wins. Take one of them out.',
        ),
        (
            "[{keywords: [Sí], flow: other}, {keywords: ['si.'], flow: other}]",
            'routes[1].keywords[0]: "si." means the same as "Sí" in route 1, which wins. Take one of them out.',
        ),
        ("[{keywords: [' '], flow: other}]", "routes[0].keywords[0]: Write something here; it is empty."),
        (
            "[{keywords: ['Stop!'], flow: other}]\nleave: [{words: [stop]}]",
            'routes[0].keywords[0]: "Stop!" leaves any flow, so it never starts this one. Take it out here or under',
        ),
        (
            "[]\nleave: [{words: [stop]}, {words: [quit, '*STOP*']}]",
            'leave[1].words[1]: "*STOP*" means the same as "stop" above. Take one of them out.',
        ),
        ("[{channel: whatsap, flow: other}]", 'routes[0].channel: There is no channel "whatsap". Did you mean "what'),
        ("[{keyword: [a], flow: other}]", 'routes[0].keyword: There is no field "keyword" here. Did you mean "keywor'),
        ("[]\nleave: [{words: [a, A]}]", 'leave[0].words[1]: "A" already stands above. Take one of them out.'),
        ("[]\nleave: [{words: [a], then: {flow: othr}}]", 'leave[0].then: There is no flow "othr". Did you mean "oth'),
        ("[]\nleave: [{words: [a], then: stop}]", "leave[0].then: Write end, restart, or {flow: name of a flow}."),
        ("[]\nno_match: \"Sorry, [[name]]\"", "no_match: [[name]] may not be set when this is said."),
        ("[]\napology: \"Sorry, [[contact:nam]]\"", 'apology: [[contact:nam]] does not exist. Did you mean "name"?'),
    ],
)  # fmt: skip
def test_routes_are_told_what_is_wrong(folder: FlowFolder, routes: str, problem: str) -> None:
    problems = folder.problems({"routes.yaml": f"chatflow: 1\nroutes: {routes}\n"})
    assert len(problems) == 1
    assert problems[0].startswith(f"routes.yaml: {problem}")


def test_one_keyword_may_start_different_flows_on_different_accounts(folder: FlowFolder) -> None:
    routes = '[{keywords: [a], account: "1", flow: other}, {keywords: [a], account: "2", flow: other}]'
    assert folder.problems({"routes.yaml": f"chatflow: 1\nroutes: {routes}\n"}) == []


def test_a_folder_without_routes_is_told(folder: FlowFolder) -> None:
    (folder.path / "routes.yaml").unlink()
    assert folder.problems() == ["routes.yaml: The file is missing: it says which flow a message starts."]


def test_a_keyword_may_be_a_word_that_leaves_for_the_same_flow(folder: FlowFolder) -> None:
    routes = "[{keywords: [menu], flow: other}]\nleave: [{words: [Menu], then: {flow: other}}]"
    assert folder.problems({"routes.yaml": f"chatflow: 1\nroutes: {routes}\n"}) == []
