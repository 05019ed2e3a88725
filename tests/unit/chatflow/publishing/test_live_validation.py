"""A change is validated among everything that is live: its own problems are reported, and new ones elsewhere."""

from __future__ import annotations

from pathlib import Path

from chatflow.publishing.entries import entry_of
from chatflow.publishing.live_validation import LiveProject, named_ids
from chatflow.publishing.model import DEPLOYMENT_ID, LiveAsset, RequiresLive, Source

SOUND = Path(__file__).parents[1] / "flows" / "sound"
ROUTES = "chatflow: 1\nroutes:\n  - {flow: a}\n"
LEAFLET = LiveAsset("leaflet.pdf", 10, "ab", "application/pdf")


def text(flow: str, then: str = "end") -> str:
    return f"chatflow: 1\nflow: {flow}\nstart: hi\nnodes:\n  hi: {{type: text, say: Hi, then: {then}}}\n"


def live(*files: LiveAsset, **flows: str) -> LiveProject:
    """Flows by name, routes to the flow `a`."""
    sources = {f"flow/{name}": Source(1, written) for name, written in flows.items()}
    return LiveProject({**sources, "routes/routes": Source(1, ROUTES)}, files)


def test_a_sound_document_has_no_problems() -> None:
    assert live(a=text("a")).problems_with({"flow/b": text("b", "{flow: a}")}) == []


def test_what_is_its_own_is_reported_even_if_it_is_not_new() -> None:
    broken = text("a", "{flow: gone}")
    (problem,) = live(a=broken).problems_with({"flow/a": broken})
    assert (problem.file, problem.node) == ("a.yaml", "hi")


def test_what_others_had_before_is_not_reported() -> None:
    assert live(a=text("a", "{flow: gone}")).problems_with({"flow/b": text("b")}) == []


def test_what_it_breaks_elsewhere_is_reported() -> None:
    problems = live(a=text("a")).problems_with({"flow/a": None})
    assert [problem.file for problem in problems] == ["routes.yaml"]


def test_what_it_mends_elsewhere_is_not_reported() -> None:
    assert live(a=text("a", "{flow: b}")).problems_with({"flow/b": text("b")}) == []


def test_a_document_that_calls_itself_otherwise_is_reported() -> None:
    problems = live(a=text("a")).problems_with({"flow/b": text("c")})
    assert problems[0].message == 'This is published as "b", and calls itself "c". Use one name.'


def test_a_flow_is_not_published_with_an_integration_that_cannot_be_compiled() -> None:
    decide = (SOUND / "integrations" / "decide.yaml").read_text() + "tittle: Decide\n"  # as an earlier version took it
    known = LiveProject({**live(a=text("a")).sources, "integration/decide": Source(7, decide)})
    calls = "{type: api_integration, integration: decide, exits: {success: end, failure: end}}"
    calling = f"chatflow: 1\nflow: b\nstart: call\nnodes: {{call: {calls}}}\n"
    assert known.problems_with({"flow/a": text("a")}) == []
    assert [problem.field for problem in known.problems_with({"flow/b": calling})] == ["tittle"]


def test_the_first_flow_of_all_can_be_published() -> None:
    assert LiveProject().problems_with({"flow/a": text("a")}) == []
    assert LiveProject().problems_with({"routes/routes": ROUTES})[0].field == "routes[0].flow"


def test_an_asset_that_a_channel_does_not_show_is_a_problem() -> None:
    sends = text("b").replace("type: text, say: Hi", "type: media, direction: outbound, source: {asset: a.mp4}")
    usual, unusual = (LiveAsset("a.mp4", 10, "ab", "video/mp4", encoding) for encoding in ("", "HEVC"))
    for film, told in ((usual, []), (unusual, ["HEVC"])):
        problems = live(film, a=text("a", "{flow: b}")).problems_with({"flow/b": sends})
        assert [each for each in told if each in problems[0].message] == told if told else problems == []


def test_an_asset_is_known_by_its_name_and_stored_type() -> None:
    sends = text("b").replace("type: text, say: Hi", "type: media, direction: outbound, source: {asset: leaflet.pdf}")
    assert live(LEAFLET, a=text("a")).problems_with({"flow/b": sends}) == []
    (problem,) = live(a=text("a")).problems_with({"flow/b": sends})
    assert problem.field == "source.asset"


def test_the_values_of_the_deployment_are_filled_in() -> None:
    url = 'integration: x\nmethod: GET\nurl: "[[deployment:api]]/y"\n'
    known = LiveProject({DEPLOYMENT_ID: Source(3, 'api: "https://one.example"\n')})
    assert known.problems_with({"integration/x": url}) == []
    entry = entry_of(known.project({"integration/x": url}), "integration/x")
    assert (entry.document["url"], entry.source) == ("https://one.example/y", url)
    assert known.requirements(entry) == [RequiresLive(DEPLOYMENT_ID, 3)]


def test_what_is_named_must_stay_and_what_is_built_in_stays_as_it_is() -> None:
    calls = text("b", "{flow: a}").replace("type: text, say: Hi", "type: api_integration, integration: decide")
    calls = calls.replace("then: {flow: a}", "exits: {success: {flow: a}, failure: end}")
    decide = (SOUND / "integrations" / "decide.yaml").read_text()
    known = LiveProject({**live(a=text("a")).sources, "integration/decide": Source(7, decide)})
    entry = entry_of(known.project({"flow/b": calls}), "flow/b")
    assert known.requirements(entry) == [RequiresLive("integration/decide", 7), RequiresLive("flow/a")]


def test_whatever_a_document_may_name_is_found() -> None:
    data = {"nodes": {"a": {"integration": "x", "source": {"asset": "y.pdf"}, "then": [{"flow": "z"}], "flow": 7}}}
    assert named_ids(data) == {"integration/x", "asset/y.pdf", "flow/z"}
    assert named_ids("nothing") == set()
