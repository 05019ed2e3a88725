"""Whole conversations about lists of files, in virtual time: one answer, one upload, and no file is lost or doubled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.conversation.early_files import FILE_UNUSED
from chatflow.conversation.events import scan_event
from chatflow.errors import MediaRejected
from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia
from chatflow.nodes.contract import VARIABLES_LIMIT, Visit
from nodes.media.collecting import Collected
from nodes.media.rule import visit
from tests.fakes.outage_world import DIES, FAILS, TAKES_AND_DIES, OutagePorts, OutageWorld, uploads
from tests.fakes.owing_world import DAY, WorkerDied, asks_for_a_photo, text
from tests.fakes.visit import FakePorts, a_visit, media

A_VIDEO = MediaRejected("wrong_kind", "That is a video. Please send a photo.")


class AlbumPorts(OutagePorts):
    world: AlbumWorld

    def __init__(self, visit: Visit, world: AlbumWorld) -> None:
        super().__init__(visit, world)
        self.scanning = world.scanning

    def receive_file(self, media: IncomingMedia, profile: Profile) -> MediaReference:
        file = super().receive_file(media, profile)
        number = list(dict.fromkeys(self.world.stored)).index(media.id) + 1
        if self.world.dies and number == self.world.dies[0]:
            self.world.dies = self.world.dies[1:]
            raise WorkerDied
        if number in self.world.videos:
            raise A_VIDEO
        return replace(file, key=f"media/c_ann/{self.visit.session}/{media.id}")


@dataclass
class AlbumWorld(OutageWorld):
    """`videos`: numbers of the files that are refused, `dies`: of those whose worker dies when it has stored them.

    `scanning`: seconds for a verdict, 0 without a scanner.
    """

    videos: tuple[int, ...] = ()
    dies: tuple[int, ...] = ()
    scanning: int = 0

    def ports(self, visit: Visit) -> AlbumPorts:
        return AlbumPorts(visit, self)

    def verdict(self, number: int, verdict: Any = "clean") -> None:
        """What the scanner says of the file that came as this number."""
        key = f"media/c_ann/{self.session.session}/{self.stored[number - 1]}"
        self.queue(scan_event("c_ann", self.session.session, key, verdict))


def asks_for_photos(then: str = "upload", *, unsafe_exit: bool = False, exits: Any = None, **many: Any) -> Any:
    node = asks_for_a_photo("Photos?", then, seconds=0, **(exits or {}))
    node["config"] |= {"many": {"min": 1, "max": 10, "quiet": 3, "missing": "", **many}, "unsafe_exit": unsafe_exit}
    return node


def photos(*, each: bool = False, upload: Any = None, **many: Any) -> dict[str, Any]:
    call = uploads("thanks", **(upload or {}))
    part = {"name": "file", "file": "[[photo]]", **({} if each else {"files": 30})}
    call["config"]["integration"]["request"]["parts"] = [part]
    call["config"] |= {"each": "photo"} if each else {}
    return {
        "first": asks_for_photos(**many),
        "upload": call,
        "thanks": text("Thank you for [[photo_count]]"),
        "sorry": text("Sorry"),
    }


def begun(*at: float, nodes: Any = None, until: float = 30 * DAY, **more: Any) -> AlbumWorld:
    """The flow begins, and photos come at these times."""
    world = AlbumWorld(nodes or photos(), **more)
    world.send(text="photos")
    for each in at:
        world.send(at=each, photo=True)
    world.run(until=until)
    return world


def uploaded(world: AlbumWorld) -> list[str]:
    return list(world.api.files.values())


def test_an_album_is_one_list_one_upload_and_one_answer() -> None:
    world = begun(5, 5, 6, until=10)
    assert uploaded(world) == ["photo-1.jpg, photo-2.jpg, photo-3.jpg"]
    assert world.channel.heard == ["Photos?", "Thank you for 3"]
    assert world.exits("first") == ["received"]


def test_the_last_file_that_may_be_in_the_list_ends_it_at_once() -> None:
    world = begun(5, 5, nodes=photos(max=2, quiet=60), until=6)
    assert world.channel.heard == ["Photos?", "Thank you for 2"]


def test_the_quiet_time_begins_anew_with_each_file() -> None:
    world = begun(5, 7, 9, 11)
    assert uploaded(world) == ["photo-1.jpg, photo-2.jpg, photo-3.jpg, photo-4.jpg"]


def test_files_are_in_the_order_of_the_channel_s_clock_then_in_that_in_which_they_were_accepted() -> None:
    state: dict[str, Any] = {"attempt": 1}
    config = asks_for_photos(max=3)["config"]
    for at, name in ((20, "b"), (10, "a"), (20, "c")):
        event = media()
        event = {**event, "message": {**event["message"], "at": at}}
        taken = MediaReference(f"media/c_ann/s_1/{name}", "a" * 64, 1, "image/jpeg", "image", f"{name}.jpg")
        outcome = visit(a_visit(config, event=event, wait_state=state), FakePorts(taken=taken))
        state = outcome.wait.wait_state if outcome.wait else {}
    assert [each["filename"] for each in outcome.set["photo"]] == ["a.jpg", "b.jpg", "c.jpg"]


def test_files_that_are_missing_are_asked_for_and_those_that_came_are_kept() -> None:
    world = begun(5, 30, 60, 90, nodes=photos(min=4, missing="All four sides."))
    assert uploaded(world) == ["photo-1.jpg, photo-2.jpg, photo-3.jpg, photo-4.jpg"]
    assert world.channel.heard == [
        "Photos?",
        *(f"I have {n} so far. Please send {4 - n} more.\nAll four sides." for n in (1, 2, 3)),
        "Thank you for 4",
    ]


def test_a_list_that_stays_incomplete_ends_with_the_session_and_a_word() -> None:
    world = begun(5, nodes=photos(min=2))
    assert uploaded(world) == []
    assert world.channel.heard[1:] == ["I have 1 so far. Please send 1 more.", FILE_UNUSED]
    assert world.session.state == "ended"


def test_words_instead_of_the_missing_files_use_the_attempts_up() -> None:
    world = AlbumWorld(photos(min=2))
    world.send(text="photos")
    world.send(at=5, photo=True)
    for number in range(3):
        world.send(at=20 + number, text="I have no more")
    world.run()
    assert world.exits("first") == ["gave_up"]


def test_a_word_within_an_album_neither_ends_it_nor_is_answered() -> None:
    world = AlbumWorld(photos())
    world.send(text="photos")
    world.send(at=5, photo=True)
    world.send(at=6, text="and the other side:")
    world.send(at=7, photo=True)
    world.run()
    assert world.channel.heard == ["Photos?", "Thank you for 2"]


def test_a_word_that_leaves_the_flow_leaves_it_and_the_files_get_a_word() -> None:
    world = AlbumWorld(
        photos(), routes={"routes": [{"flow": "claims"}], "leave": [{"words": ["stop"], "say": "Bye.", "then": "end"}]}
    )
    world.send(text="photos")
    world.send(at=5, photo=True)
    world.send(at=6, text="stop")
    world.run()
    assert uploaded(world) == []
    assert set(world.channel.heard[1:]) == {"Bye.", FILE_UNUSED}


def test_refused_files_are_named_in_one_message_and_the_others_are_kept() -> None:
    world = begun(5, 5, 5, 6, videos=(2, 4))
    assert uploaded(world) == ["photo-1.jpg, photo-3.jpg"]
    assert world.channel.heard == ["Photos?", f"Not taken: 2 files. {A_VIDEO.user_message}", "Thank you for 2"]


def test_only_refused_files_are_answered_once_and_use_one_attempt() -> None:
    world = begun(5, 5, 30, videos=(1, 2))
    assert world.channel.heard[1:] == [f"Not taken: 2 files. {A_VIDEO.user_message}", "Thank you for 1"]


def test_a_late_file_is_uploaded_alone_and_those_before_it_not_again() -> None:
    world = begun(5, 6, 15, nodes=photos(min=2))
    assert uploaded(world) == ["photo-1.jpg, photo-2.jpg", "photo-3.jpg"]
    assert world.channel.heard == ["Photos?", "Thank you for 2", "Thank you for 1"]


@settings(max_examples=40, deadline=None)
@given(
    at=st.lists(st.integers(1, 40), min_size=1, max_size=8),
    least=st.integers(1, 3),
    most=st.integers(3, 5),
    script=st.lists(st.sampled_from([DIES, TAKES_AND_DIES, FAILS]), max_size=3),
    each=st.booleans(),
    dies=st.lists(st.integers(1, 8), max_size=3),
)
def test_no_file_is_in_two_uploads_and_every_one_is_uploaded_or_answered(
    *, at: list[int], least: int, most: int, script: list[str], each: bool, dies: list[int]
) -> None:
    world = AlbumWorld(photos(min=least, max=most, each=each), dies=tuple(sorted(dies)))
    world.api.script = list(script)
    world.send(text="photos")
    for when in sorted(at):
        world.send(at=when, photo=True)
    world.run()
    names = Counter(name for files in uploaded(world) for name in files.split(", "))
    assert max(names.values(), default=1) == 1
    assert all(len(files.split(", ")) <= (1 if each else most) for files in uploaded(world))
    answered = [word for word in world.channel.heard if "Thank you" not in word and word != "Please wait"]
    assert sum(names.values()) == len(at) or len(answered) > 1


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_the_list_is_complete_when_all_verdicts_are_in(order: tuple[int, ...]) -> None:
    world = begun(5, 5, 6, scanning=120, until=20)
    assert uploaded(world) == []
    for number in order:
        world.verdict(number)
    world.run(until=30)
    assert uploaded(world) == ["photo-1.jpg, photo-2.jpg, photo-3.jpg"]
    assert world.channel.heard == ["Photos?", "Thank you for 3"]


def test_verdicts_that_come_between_the_files_do_not_end_the_list() -> None:
    world = begun(5, scanning=120, until=5)
    world.verdict(1)
    world.send(at=7, photo=True)
    world.run(until=7)
    world.verdict(2)
    world.run()
    assert uploaded(world) == ["photo-1.jpg, photo-2.jpg"]


@pytest.mark.parametrize(
    ("unsafe_exit", "verdict", "heard", "files"),
    [
        (False, "unsafe", "Not taken", ["photo-2.jpg"]),
        (True, "unsafe", "Unsafe", []),
        (False, "not_scanned", "Unsafe", []),
    ],
)
def test_an_unsafe_file_is_named_or_takes_the_author_s_exit(
    unsafe_exit: bool, verdict: str, heard: str, files: list[str]
) -> None:
    nodes = photos(unsafe_exit=unsafe_exit, exits={"unsafe": "unsafe"}) | {"unsafe": text("Unsafe")}
    world = begun(5, 5, nodes=nodes, scanning=120, until=6)
    world.verdict(1, verdict)
    world.verdict(2)
    world.run(until=20)
    assert world.channel.heard[1].startswith(heard)
    assert uploaded(world) == files


def test_a_file_whose_verdict_never_comes_is_not_trusted() -> None:
    nodes = photos(exits={"unsafe": "unsafe"}) | {"unsafe": text("Unsafe")}
    world = begun(5, 5, nodes=nodes, scanning=120)
    assert world.channel.heard == ["Photos?", "Unsafe"]


def test_a_pause_stops_the_quiet_time_and_the_list_goes_on_afterwards() -> None:
    world = begun(5, until=6)
    world.act("pause")
    world.run(until=100)
    assert world.channel.heard == ["Photos?"]
    world.act("resume")
    world.run(until=1000)
    assert world.channel.heard == ["Photos?", "Thank you for 1"]


def test_an_operator_who_lets_the_node_ask_again_drops_no_file() -> None:
    world = begun(5, nodes=photos(min=2), until=20)
    world.act("retry")
    world.send(at=40, photo=True)
    world.run()
    assert uploaded(world) == ["photo-1.jpg, photo-2.jpg"]


def test_an_erasure_between_two_files_leaves_nothing_that_wakes() -> None:
    world = begun(5, until=6)
    world.erase()
    world.run()
    assert uploaded(world) == []
    assert world.channel.heard == ["Photos?"]


def test_thirty_files_with_the_longest_words_fit_into_a_session() -> None:
    config, state = asks_for_photos(max=30)["config"], {}
    for number in range(30):
        event = media()
        event = {**event, "message": {**event["message"], "text": "ä" * 1024}}
        taken = MediaReference(
            f"media/c_{'a' * 32}/s_{'a' * 24}/{number}-{'a' * 33}", "a" * 64, 1, "image/jpeg", "image", "ä" * 240
        )
        outcome = visit(a_visit(config, event=event, wait_state=state), FakePorts(taken=taken))
        state = outcome.wait.wait_state if outcome.wait else {}
    assert len(outcome.set["photo"]) == 30
    assert len(str(outcome.set["photo"]).encode()) < VARIABLES_LIMIT
    assert outcome.set["photo"][0]["caption"]


def test_a_wait_state_of_another_release_is_read() -> None:
    later = {"attempt": 2, "files": [], "something_new": 1}
    outcome = visit(a_visit(asks_for_photos()["config"], event=media(), wait_state=later), FakePorts(taken=A_VIDEO))
    assert outcome.wait is not None
    assert Collected().attempt == 1
    assert outcome.wait.wait_state["attempt"] == 2
