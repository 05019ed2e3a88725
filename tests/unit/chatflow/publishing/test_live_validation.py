"""A change is validated among everything that is live: its own problems are reported, and new ones elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatflow.channels.message_limits import MessageLimits
from chatflow.publishing.documents import named_ids
from chatflow.publishing.entries import entry_of
from chatflow.publishing.live_validation import LiveProject
from chatflow.publishing.model import DEPLOYMENT_ID, LiveAsset, RequiresLive, Source
from tests.fakes.stub_channel import stub_channel

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


@pytest.mark.parametrize("kind", ["flow", "integration", "asset"])
@pytest.mark.parametrize("name", ["", " ", "../x", "W" * 3000, "\u202egpj", "a\n"])
def test_what_can_be_no_name_refers_to_nothing(kind: str, name: str) -> None:
    assert named_ids({"nodes": {"leaflet": {"source": {kind: name}}}}) == set()


THIRTY = "A title of thirty characters.."
LIMITS = MessageLimits(text=10, question=100, buttons=20, button_title=30, button_id=64, unit="characters")


@pytest.fixture
def pigeon(tmp_path: Path) -> Iterator[None]:
    with stub_channel(tmp_path / "channels", "pigeon", LIMITS):
        yield


def menu(flow: str, then: str = "end", title: str = THIRTY) -> str:
    options = f"[{{id: a, title: {title}}}]"
    ask = f"{{type: menu, prompt: Which one, options: {options}, then: {then}}}"
    return f"chatflow: 1\nflow: {flow}\nstart: ask\nnodes:\n  ask: {ask}\n"


def live_on(routes: str, **flows: str) -> LiveProject:
    return LiveProject({**live(**flows).sources, "routes/routes": Source(1, f"chatflow: 1\n{routes}\n")})


@pytest.mark.usefixtures("pigeon")
def test_routes_from_another_channel_are_refused_with_the_live_flows_that_do_not_fit_it() -> None:
    known = live_on("routes: [{flow: a, channel: pigeon}]", a=menu("a", "{flow: b}"), b=menu("b"))
    assert known.problems_with({}, ["flow/a", "flow/b"]) == []
    both = "chatflow: 1\nroutes: [{flow: a, channels: [pigeon, whatsapp]}]\n"
    problems = known.problems_with({"routes/routes": both})
    assert [(each.file, each.where) for each in problems] == [
        ("a.yaml", "ask > options[0].title"),
        ("b.yaml", "ask > options[0].title"),
    ]
    assert all(each.message.startswith("On WhatsApp, the title of an option has at most 24") for each in problems)


@pytest.mark.usefixtures("pigeon")
def test_a_flow_is_published_for_the_channels_of_the_live_routes() -> None:
    known = live_on("routes: [{flow: a}]\nchannels: [pigeon]", a=menu("a"))
    assert known.problems_with({"flow/a": menu("a")}) == []
    [problem] = known.problems_with({"flow/a": menu("a", title=f"{THIRTY}.")})
    assert problem.message.startswith(
        "On Pigeon, the title of an option has at most 30 characters, and this one has 31"
    )


@pytest.mark.usefixtures("pigeon")
@pytest.mark.parametrize(
    ("routes", "files"),
    [
        ("routes: [{flow: a}]\nchannels: [pigeon]", ["a.yaml", "b.yaml"]),
        ("routes: [{flow: a, channel: pigeon}]", []),  # these flows stay on their channel
        ("routes: [{flow: a}]", ["a.yaml", "b.yaml"]),  # they are live all the same: an earlier version took them
    ],
)
def test_a_channel_has_the_problems_of_the_flows_that_would_run_there(routes: str, files: list[str]) -> None:
    known = live_on(routes, a=menu("a", "{flow: b}"), b=menu("b"))
    problems, warned = known.problems_on("whatsapp")
    assert [each.file for each in problems] == files
    assert warned == []


@pytest.mark.usefixtures("pigeon")
def test_a_channel_has_its_own_problems_and_warnings_only() -> None:
    say = text("b", "{flow: gone}").replace("say: Hi", "say: Hello to you")
    known = live_on("routes: [{flow: a}]", a=menu("a", "{flow: b}", title=f"{THIRTY}."), b=say)
    problems, warned = known.problems_on("pigeon")
    assert [each.message.partition(",")[0] for each in problems] == ["On Pigeon"]
    assert [(each.file, each.node) for each in warned] == [("b.yaml", "hi")]


def test_a_channel_that_is_not_there_has_no_problems() -> None:
    assert live_on("routes: [{flow: a}]", a=menu("a")).problems_on("telex") == ([], [])
