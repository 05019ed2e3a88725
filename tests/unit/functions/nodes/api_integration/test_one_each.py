"""One call for each file of a list: what is done is never done again, whatever comes between."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.media.reference import MediaReference
from chatflow.nodes.contract import Outcome
from chatflow.nodes.ports import Answer, Call
from nodes.api_integration.rule import visit
from tests.fakes.outage_world import DIES, FAILS, LIMITS, NO_SLOT, TAKES_AND_DIES, UNREACHABLE, OutageWorld, uploads
from tests.fakes.owing_world import text
from tests.fakes.turns import NOW as START
from tests.fakes.visit import NOW, FakePorts, a_visit
from tests.unit.functions.nodes.media.test_lists import asks_for_photos

FILES = [
    MediaReference(f"media/c_ann/s_1/3-{n}", "ab" * 32, 7, "image/jpeg", "image", f"{n}.jpg").to_json() for n in "abcd"
]


class Api(FakePorts):
    """Answers call by call with these statuses; each call takes `seconds`."""

    def __init__(self, *statuses: int, seconds: int = 0, body: Any = None) -> None:
        self.at = NOW
        super().__init__(clock=lambda: self.at)
        self.statuses, self.seconds, self.body = list(statuses), seconds, body

    def call_api(self, effect: str, call: Call) -> Answer:
        self.calls.append(call)
        self.at += self.seconds * 1000
        body = self.body or {"id": len(self.calls)}
        return Answer(self.statuses.pop(0) if self.statuses else 200, {}, json.dumps(body).encode())


def visited(ports: FakePorts, *, photos: Any = FILES, wait_state: Any = None, **config: Any) -> Outcome:
    given = {**uploads()["config"], "parameters": {"photo": "[[photos]]"}, "each": "photos", **config}
    given.pop("hold", None)
    return visit(
        a_visit(given, node="upload", variables={"photos": photos}, wait_state=wait_state or {}, deadline=NOW + 60_000),
        ports,
    )


def files(ports: FakePorts) -> list[str]:
    return [part.file.filename for call in ports.calls for part in call.parts if part.file]


def test_each_file_is_a_call_of_its_own_and_the_answers_are_a_list() -> None:
    ports = Api()
    outcome = visited(ports)
    assert files(ports) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert outcome.exit == "success"
    assert outcome.set["claim"] == [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]
    assert outcome.set["claim_response"] == {
        "status": 200,
        "reason": "",
        "done": 4,
        "items": [{"status": 200, "reason": ""}] * 4,
    }
    assert [effect["file"] for effect in outcome.effects] == [1, 2, 3, 4]


def test_a_single_file_is_a_list_of_one() -> None:
    ports = Api()
    assert visited(ports, photos=FILES[0]).set["claim"] == [{"id": 1}]


@pytest.mark.parametrize("photos", ["none", [], [*FILES, "none"], FILES * 8, {}])
def test_what_is_no_list_of_files_is_refused(photos: Any) -> None:
    ports = Api()
    outcome = visited(ports, photos=photos)
    assert (outcome.exit, outcome.set["claim_response"]["reason"], ports.calls) == ("failure", "refused", [])


def test_a_file_of_another_conversation_is_refused() -> None:
    ports = Api()
    outcome = visited(ports, photos=[FILES[0], {**FILES[1], "key": "media/c_bob/s_1/3-x"}])
    assert (outcome.exit, files(ports)) == ("failure", ["a.jpg"])


def test_a_file_that_the_api_refuses_keeps_none_of_the_others_away() -> None:
    ports = Api(200, 422)
    outcome = visited(ports)
    assert outcome.exit == "failure"
    assert files(ports) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    response = outcome.set["claim_response"]
    assert (response["status"], response["reason"], response["done"]) == (422, "status", 3)


def test_an_api_in_trouble_is_not_called_for_the_rest() -> None:
    ports = Api(200, 503)
    outcome = visited(ports)
    assert (outcome.exit, files(ports)) == ("failure", ["a.jpg", "b.jpg"])
    assert outcome.set["claim_response"]["done"] == 1


def test_answers_of_one_kind_choose_their_exit_and_different_ones_are_a_success() -> None:
    assert visited(Api(202, 202, 202, 202), values=["202"]).exit == "202"
    assert visited(Api(200, 202), values=["202"]).exit == "success"


def test_a_list_that_needs_longer_than_a_visit_is_gone_on_with_in_the_next() -> None:
    ports = Api(seconds=25)
    outcome = visited(ports)
    seen = []
    while outcome.wait:
        assert (outcome.wait.expects, outcome.wait.seconds) == (("api",), 1)
        seen.append(len(ports.calls))
        ports.at = NOW
        outcome = visited(ports, wait_state=json.loads(json.dumps(outcome.wait.wait_state)))
    assert seen == [2]
    assert files(ports) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert len(outcome.set["claim"]) == 4


def test_answers_that_are_too_much_for_a_session_end_the_list() -> None:
    ports = Api(body={"text": "x" * 30_000})
    outcome = visited(ports)
    assert (outcome.exit, outcome.set["claim_response"]["reason"]) == ("failure", "too_large")
    assert len(ports.calls) == 3


def three_photos(**upload: Any) -> dict[str, Any]:
    call = uploads("thanks", **upload)
    call["config"]["each"] = "photo"
    return {"first": asks_for_photos(max=3), "upload": call, "thanks": text("Thank you"), "sorry": text("Sorry")}


def sent(world: OutageWorld) -> OutageWorld:
    world.send(text="photos")
    for at in (5, 5, 6):
        world.send(at=at, photo=True)
    world.run()
    return world


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["takes it", DIES, TAKES_AND_DIES, FAILS, LIMITS, UNREACHABLE, NO_SLOT]), max_size=8))
def test_each_file_is_uploaded_once_in_whatever_trouble_and_the_customer_is_told_once(script: list[str]) -> None:
    world = OutageWorld(three_photos())
    world.api.script = list(script)
    sent(world)
    assert sorted(world.api.files.values()) == ["photo-1.jpg", "photo-2.jpg", "photo-3.jpg"]
    assert world.channel.heard.count("Please wait") <= 1
    assert world.channel.heard[-1] == "Thank you"
    assert world.exits("upload") == ["success"]


def test_the_files_of_a_list_share_the_time_of_a_hold() -> None:
    world = OutageWorld(three_photos(seconds=300))
    world.api.script = ["takes it", *[FAILS] * 12, "takes it"]
    world.down(FAILS, until=9000)
    sent(world)
    assert world.exits("upload") == ["failure"]
    assert world.now - START < 1200


def test_the_files_of_one_part_are_as_many_as_it_takes() -> None:
    part = {"name": "files[]", "file": "[[photo]]", "files": 4}
    integration = uploads()["config"]["integration"]
    integration = {**integration, "request": {"content_type": "multipart/form-data", "parts": [part]}}
    ports = Api()
    visited(ports, each="", integration=integration)
    assert [(part.name, part.file and part.file.filename) for part in ports.calls[0].parts] == [
        ("files[]", f"{n}.jpg") for n in "abcd"
    ]
    refused = visited(ports, each="", integration=integration, photos=[*FILES, FILES[0]])
    assert (refused.set["claim_response"]["reason"], len(ports.calls)) == ("refused", 1)
    one = replace(MediaReference.from_json(FILES[0]), filename="one.jpg").to_json()
    visited(ports, each="", integration=integration, photos=one)
    assert [part.file and part.file.filename for part in ports.calls[1].parts] == ["one.jpg"]
