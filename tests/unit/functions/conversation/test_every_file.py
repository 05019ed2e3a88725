"""Every file gets a word: it is taken, shown to people, or its customer hears that it was not used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.conversation.early_files import FILE_KEPT, FILE_UNUSED, MAX_EARLY_FILES, OVERTAKES_BY, TOO_MANY_FILES
from chatflow.conversation.events import scan_event
from chatflow.conversation.session import Session, TimedOut, Waiting
from chatflow.conversation.turn import Turn
from chatflow.errors import MediaRejected, MediaUnavailable
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia
from chatflow.nodes.contract import Visit
from conversation.run_turn import Dependencies
from tests.fakes.owing_world import LIMIT, OK, REFUSED, World, WorldPorts, asks_for_a_photo, sends_the_leaflet, text
from tests.fakes.turns import NOW, FakeFlows, sent_photo, version, wrote

DAMAGED = "That file is damaged."
NO_MATCH = "Say photo."
# Whatever the customer hears that says that a file was not taken.
REFUSALS = (FILE_UNUSED, DAMAGED, NO_MATCH, "I could not open that file", "Please choose", "Your name, again", "Sorry")


class FilesWorld(World):
    """A world that knows which files were taken, and that may have a malware scanner.

    A file named in `damaged` is refused. `verdict` is that of the scanner, "" for none that ever comes.
    """

    scanner = False
    grace = 120
    verdict = "clean"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.taken: dict[str, float] = {}
        self.shown: set[str] = set()  # in a pause people see each file, or why it was refused
        self.damaged: set[str] = set()
        self.sent: dict[str, int] = {}  # the number of messages heard before each file was sent

    def photo(self, at: float, *, damaged: bool = False) -> str:
        """The customer sends a photo; returns its id."""
        self.send(at=at, photo=True)
        number = max(int(event["id"].removeprefix("wamid.in")) for _, _, event in self._events if "message" in event)
        id = f"m{number}"
        if damaged:
            self.damaged.add(id)
        return id

    def dependencies(self) -> Dependencies:
        flow = version("claims", timeout=self.timeout)
        flow["session"]["grace"] = self.grace
        return replace(super().dependencies(), flows=FakeFlows({"claims": flow}, self.nodes))

    def ports(self, visit: Visit) -> WorldPorts:
        return FilePorts(visit, self)


class FilePorts(WorldPorts):
    def __init__(self, visit: Visit, world: FilesWorld) -> None:
        super().__init__(visit, world)
        self.world, self.visit = world, visit
        self.scanning = 120 if world.scanner else 0

    def receive_file(self, media: IncomingMedia, profile: Any) -> MediaReference:
        world = self.world
        if self.visit.config["direction"] == "store":
            world.shown.add(media.id)
        if media.id in world.damaged:
            raise MediaRejected("broken", DAMAGED)
        if world.now > NOW + 7 * 86_400:
            raise MediaUnavailable("the link has expired")
        key = f"media/c_ann/s/{media.id}"
        world.taken[media.id] = world.now
        if self.scanning and world.verdict:
            event = scan_event("c_ann", self.visit.session, key, world.verdict)  # type: ignore[arg-type]
            world.queue(event, world.now + 20)
        return MediaReference(key, "a" * 64, 10, "image/jpeg", "image", "photo.jpg")


def menu(prompt: str, then: str, *, files_ahead: bool = True, attempts: int = 2, **exits: Any) -> dict[str, Any]:
    config = {
        "prompt": prompt, "reprompt": "", "button": "Choose", "attempts": attempts, "timeout": 0, "save_as": "",
        "options": [{"id": "go", "title": "Go on"}],
    }  # fmt: skip
    node = {"type": "menu", "seconds": 20, "waits": True, "config": config, "exits": {"go": then, **exits}}
    return {**node, **({"files_ahead": True} if files_ahead else {})}


def asks_name(then: str, *, files_ahead: bool = True) -> dict[str, Any]:
    config = {
        "prompt": "Your name?", "reprompt": "Your name, again?", "attempts": 2, "timeout": 0, "save_as": "name",
        "pattern": "", "accept": ["text"],
    }  # fmt: skip
    node = {"type": "input", "seconds": 20, "waits": True, "config": config, "exits": {"received": then}}
    return {**node, **({"files_ahead": True} if files_ahead else {})}


def a_world(nodes: dict[str, dict[str, Any]], **routes: Any) -> FilesWorld:
    return FilesWorld(nodes, routes={"routes": [{"flow": "claims"}], "no_match": NO_MATCH, **routes})


KEYWORD = {"routes": [{"keywords": ["photo"], "flow": "claims"}]}
THANKS = text("Thank you")


def asks_photo(prompt: str = "A photo?", then: str = "thanks", **more: Any) -> dict[str, Any]:
    return asks_for_a_photo(prompt, then, seconds=more.pop("seconds", 0), **more)


def test_a_photo_that_comes_while_the_flow_asks_for_a_name_is_kept_and_taken_when_the_flow_asks_for_it() -> None:
    world = a_world({"first": asks_name("photo"), "photo": asks_photo(), "thanks": THANKS})
    world.send(text="hello")
    photo = world.photo(5)
    world.send(at=20, text="Ann")
    world.run(until=60)

    assert world.channel.heard == ["Your name?", FILE_KEPT, "A photo?", "Thank you"]
    assert world.taken[photo] == NOW + 20


def test_the_question_says_that_a_file_may_be_here_already() -> None:
    asks = asks_photo()
    asks["config"]["already_sent"] = "I have it."
    world = a_world({"first": asks_name("photo"), "photo": asks, "thanks": THANKS})
    world.send(text="hello")
    world.photo(5)
    world.send(at=20, text="Ann")
    world.run(until=60)

    assert "A photo?\nI have it." in world.channel.heard


def test_an_album_during_a_menu_is_answered_once_and_used_as_far_as_the_flow_asks() -> None:
    nodes = {
        "first": menu("What?", "one"), "one": asks_photo("One?", "two"), "two": asks_photo("Two?"), "thanks": THANKS,
    }  # fmt: skip
    world = a_world(nodes)
    world.send(text="hello")
    photos = [world.photo(5), world.photo(5), world.photo(5)]
    world.send(at=30, text="Go on")
    world.run(until=120)

    assert list(world.taken) == photos[:2]
    assert world.channel.heard == ["What?", FILE_KEPT, "One?", "Two?", "Thank you", FILE_UNUSED]


def test_a_photo_without_a_use_in_the_flow_is_answered_by_the_question_again() -> None:
    world = a_world({"first": menu("What?", "thanks", files_ahead=False), "thanks": THANKS})
    world.send(text="hello")
    world.photo(5)
    world.run(until=60)

    assert world.channel.heard == ["What?", "Please choose one of these. What?"]


def test_a_photo_that_uses_up_the_last_attempt_is_not_met_with_silence() -> None:
    world = a_world({"first": menu("What?", "thanks", files_ahead=False, attempts=1), "thanks": THANKS})
    world.send(text="hello")
    world.photo(5)
    world.run(until=60)

    assert world.channel.heard == ["What?", FILE_UNUSED]
    assert world.session.state == "ended"


def test_a_photo_that_overtakes_its_keyword_is_taken_by_the_flow_that_the_keyword_starts() -> None:
    world = a_world({"first": asks_photo(), "thanks": THANKS}, **KEYWORD)
    photo = world.photo(0)
    world.send(at=1, text="photo")
    world.run(until=60)

    assert world.channel.heard == [NO_MATCH, "A photo?", "Thank you"]
    assert photo in world.taken


def test_a_photo_from_long_before_the_keyword_is_not_taken() -> None:
    world = a_world({"first": asks_photo(), "thanks": THANKS}, **KEYWORD)
    world.photo(0)
    world.send(at=OVERTAKES_BY + 1, text="photo")
    world.run(until=OVERTAKES_BY + 60)

    assert world.channel.heard == [NO_MATCH, "A photo?"]
    assert not world.taken


def test_a_photo_that_starts_a_flow_without_a_use_for_it_is_refused() -> None:
    world = a_world({"first": THANKS})
    world.photo(0)
    world.run(until=60)

    assert world.channel.heard == ["Thank you", FILE_UNUSED]


@pytest.mark.parametrize(("late", "taken"), [(0, True), (119, True), (125, False)])
@pytest.mark.parametrize("own_deadline", [True, False])
def test_a_photo_just_after_the_timeout_goes_back_to_the_session(late: int, taken: bool, own_deadline: bool) -> None:
    nodes = {"first": asks_photo(seconds=600 if own_deadline else 0), "thanks": THANKS}
    world = a_world(nodes, **KEYWORD)
    world.send(text="photo")
    world.run(until=601)
    assert world.session.state == "ended"
    photo = world.photo(601 + late)
    world.run(until=601 + 200)

    assert (photo in world.taken) is taken
    assert world.channel.heard == ["A photo?", "Thank you" if taken else NO_MATCH]


def test_a_flow_without_grace_takes_no_file_after_the_timeout() -> None:
    world = a_world({"first": asks_photo(), "thanks": THANKS}, **KEYWORD)
    world.grace = 0
    world.send(text="photo")
    world.run(until=600)
    photo = world.photo(600)
    world.run(until=700)

    assert photo not in world.taken
    assert world.channel.heard == ["A photo?", NO_MATCH]


def test_a_photo_beside_a_timeout_goes_back_also_when_the_flow_has_asked_something_else_since() -> None:
    nodes = {
        "first": asks_photo(timeout="still_there"), "thanks": THANKS,
        "still_there": menu("Still there?", "end", files_ahead=False),
    }  # fmt: skip
    nodes["first"]["config"]["timeout"] = 300
    world = a_world(nodes)
    world.send(text="hello")
    photo = world.photo(301)
    world.run(until=400)

    assert world.channel.heard == ["A photo?", "Still there?", "Thank you"]
    assert photo in world.taken


def test_what_the_customer_answered_since_the_timeout_counts() -> None:
    nodes = {"first": asks_photo(timeout="still_there"), "thanks": THANKS, "still_there": menu("Still there?", "end")}
    nodes["first"]["config"]["timeout"] = 300
    world = a_world(nodes, **KEYWORD)
    world.send(text="photo")
    world.send(at=310, text="Go on")
    photo = world.photo(320)
    world.run(until=400)

    assert photo not in world.taken
    assert world.channel.heard[-1] == NO_MATCH


def test_the_files_of_a_session_that_a_person_pauses_are_stored_for_people() -> None:
    world = a_world({"first": asks_name("photo"), "photo": asks_photo(), "thanks": THANKS})
    world.send(text="hello")
    photo = world.photo(5)
    world.run(until=10)
    world.act("pause")
    world.run(until=30)

    assert photo in world.taken
    assert world.session.early  # and they are still there for the flow


def test_no_more_files_are_kept_than_a_session_can_hold_and_the_customer_hears_so() -> None:
    world = a_world({"first": menu("What?", "photo"), "photo": asks_photo(), "thanks": THANKS})
    world.send(text="hello")
    for _ in range(MAX_EARLY_FILES + 100):
        world.photo(5)
    world.run(until=60)

    assert len(world.session.early) <= MAX_EARLY_FILES
    assert world.channel.heard[-1] == FILE_UNUSED
    assert any(record.get("refused") == TOO_MANY_FILES for record in world.sessions.records.values())


FLOWS: dict[str, Callable[[], dict[str, dict[str, Any]]]] = {
    "one photo": lambda: {"first": asks_photo(), "thanks": THANKS},
    "one photo, nothing said": lambda: {"first": asks_photo(then="end")},
    "a name, then a photo": lambda: {"first": asks_name("photo"), "photo": asks_photo(), "thanks": THANKS},
    "a photo, then a name": lambda: {"first": asks_photo(then="n"), "n": asks_name("end", files_ahead=False)},
    "two photos, a menu between": lambda: {
        "first": asks_photo("One?", "m"), "m": menu("What?", "two"), "two": asks_photo("Two?"), "thanks": THANKS,
    },
    "a menu": lambda: {"first": menu("What?", "end", files_ahead=False, attempts=1)},
    "a file of ours, then a photo": lambda: {"first": sends_the_leaflet("p"), "p": asks_photo(), "thanks": THANKS},
    "only a text": lambda: {"first": THANKS},
    "a short wait, then a menu": lambda: {
        "first": asks_photo(seconds=60, timeout="m"), "m": menu("Still there?", "first"), "thanks": THANKS,
    },
}  # fmt: skip

Step = tuple[int, str]
steps = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 30, 100, 700]),
        st.sampled_from(["photo", "photo", "album", "damaged", "go on", "stop it", "pause", "resume", "stop", "retry"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(
    flow=st.sampled_from(sorted(FLOWS)),
    begins_with=st.sampled_from(["hello", "photo first"]),
    steps=steps,
    routed=st.booleans(),
    scanner=st.sampled_from(["", "clean", "unsafe", "silent"]),
    channel=st.lists(st.sampled_from([OK, OK, REFUSED, LIMIT]), max_size=6),
)
def test_every_file_gets_a_word_in_every_state(
    *, flow: str, begins_with: str, steps: list[Step], routed: bool, scanner: str, channel: list[str]
) -> None:
    routes = {} if routed else {"routes": [{"keywords": ["hello"], "flow": "claims"}]}
    world = a_world(FLOWS[flow](), leave=[{"words": ["stop it"], "then": "end"}], **routes)
    world.scanner, world.verdict = bool(scanner), {"silent": ""}.get(scanner, scanner)
    world.channel.script = list(channel)
    # A person may have stored the file, and whoever leaves the flow may do so before the verdict.
    undisturbed = not {"pause", "resume", "stop", "retry", "stop it"} & {step for _, step in steps}
    photos: dict[str, int] = {}
    at = 0.0

    def send_photo(*, damaged: bool = False) -> None:
        photos[world.photo(at, damaged=damaged)] = len(world.channel.heard)

    if begins_with == "hello":
        world.send(text="hello")
    else:
        send_photo()
    for seconds, step in steps:
        at += seconds
        world.run(until=at)
        if step in ("photo", "damaged", "album"):
            for _ in range(3 if step == "album" else 1):
                send_photo(damaged=step == "damaged")
        elif step in ("go on", "stop it"):
            world.send(at=at, text=step)
        elif world.session is not None:
            world.now = max(world.now, NOW + at)
            world.act(step)  # type: ignore[arg-type]
    world.run()

    # A pause that outlasts the channel's window silences a word that was owed; operators see that it was given up.
    unsent = "pause" in {step for _, step in steps} and any(
        what == "owed message given up" for what, _ in world.reports
    )
    for photo, heard_before in photos.items():
        refused = any(heard.startswith(REFUSALS) for heard in world.channel.heard[heard_before:])
        taken = photo in world.taken and (scanner in ("", "clean") or not undisturbed)
        assert taken or refused or unsent or photo in world.shown, (
            f"nobody took {photo} or said a word: {world.channel.heard}"
        )
    assert world.session.state == "ended"


@pytest.mark.parametrize(("after", "kept"), [(0, True), (120, True), (121, False)])
def test_the_variables_of_a_session_stay_while_a_late_file_may_still_resume_it(after: int, kept: bool) -> None:
    """Whatever turn comes in between, such as that of an owed message."""
    timed_out = TimedOut("claims", 1, "ask", {}, 600, "", until=NOW + 120)
    ended = Session("c_ann", "whatsapp", "106", "1650", turn=3, session="s_1", variables={"plate": "B 1"})
    turn = Turn({"id": "owed#1", "kind": "owed"}, replace(ended, timed_out=timed_out), {}, NOW + after)
    assert (turn.session.variables == {"plate": "B 1"}) is kept


def test_a_text_after_the_timeout_is_an_answer_to_something_else() -> None:
    timed_out = TimedOut("claims", 1, "ask", {}, 600, "", until=NOW + 120)
    ended = Session("c_ann", "whatsapp", "106", "1650", turn=3, session="s_1", timed_out=timed_out)
    turn = Turn(wrote("one moment"), ended, {"no_match": "Pardon?"}, NOW)
    while not turn.idle:
        turn.next_run()
    assert turn.session.timed_out is None


def test_a_session_that_an_undelivered_message_ends_says_that_its_files_were_not_used() -> None:
    early = sent_photo()
    session = Session("c_ann", "whatsapp", "106", "1650", turn=3, session="s_1", state="waiting", node="ask", flow="f")
    watched = ({"node": "ask", "to": "end", "waits": False, "ids": ["wamid.q"]},)
    session = replace(session, watched=watched, early=(early,), waiting=Waiting(("text",), {}, NOW + 60))
    event = {"id": "status#wamid.q", "kind": "status", "conversation": "c_ann", "message_id": "wamid.q", "at": NOW}
    turn = Turn(event, session, {}, NOW)
    runs = []
    while not turn.idle:
        if run := turn.next_run():
            runs.append(run)
            turn.apply_text({"visits": 9})
    assert [run.text for run in runs] == [FILE_UNUSED]
    assert (turn.session.state, turn.session.early) == ("ended", ())
