"""What the ports of a visit do about a channel that hesitates."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from chatflow.adapters import inbound_files
from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb import deliveries, rates
from chatflow.adapters.dynamodb.hosts import RECORD_SECONDS
from chatflow.adapters.visit_ports import VisitPorts
from chatflow.channels import manifest
from chatflow.errors import ChannelRefused, ChannelUnavailable, HostOpen, InDoubt, MediaRejected
from chatflow.media.profiles import PRODUCT
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia, Text
from chatflow.nodes.ports import Call
from chatflow.settings import NodeSettings
from tests.fakes.visit import ANN, NOW, a_visit, media

FAR = 4_000_000_000_000  # milliseconds since the epoch


class Hesitant:
    """A channel that cuts a text into words, and is unavailable now and then."""

    def __init__(self, *unavailable_before: int) -> None:
        self.said: list[str] = []
        self._pauses = list(unavailable_before)

    def send(self, message: Text, _contact: str, _tag: str, _deadline: int, sent: list[str]) -> list[str]:
        for word in message.body.split()[len(sent) :]:
            if self._pauses and len(self.said) == self._pauses[0]:
                self._pauses.pop(0)
                raise ChannelUnavailable("a moment")
            self.said.append(word)
            sent.append(f"wamid.{len(self.said)}")
        return sent


@pytest.fixture
def ports(table: Any, monkeypatch: pytest.MonkeyPatch) -> VisitPorts:
    settings = NodeSettings(table("effects", "effect"), *[""] * 6)
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    return VisitPorts(a_visit({}, deadline=FAR))


def test_a_visit_that_sends_nothing_needs_no_channel(ports: VisitPorts) -> None:
    """The doctor's execution belongs to no channel, and most visits need not load what sending takes."""
    visit = a_visit({})
    nobody = VisitPorts(replace(visit, conversation=replace(visit.conversation, channel="")))
    assert nobody.owed == []
    assert "_rate" not in vars(ports)


def test_a_long_text_is_sent_in_pieces(ports: VisitPorts) -> None:
    channel = Hesitant()
    vars(ports)["_channel"] = channel
    assert ports.send_message("say", Text("one two three")) == {
        "effect": "say",
        "messages": ["wamid.1", "wamid.2", "wamid.3"],
    }
    assert channel.said == ["one", "two", "three"]


def test_the_rest_of_a_long_text_is_owed(ports: VisitPorts) -> None:
    channel = Hesitant(1)
    vars(ports)["_channel"] = channel
    assert ports.send_message("say", Text("one two three")) == {"effect": "say", "owed": "channel_unavailable"}
    (owed,) = ports.owed
    assert (owed["content"], owed["sent"], owed["doubts"]) == ({"text": "one two three"}, ["wamid.1"], 0)


def test_a_repeated_visit_owes_the_same_without_another_attempt(ports: VisitPorts) -> None:
    channel = Hesitant(0)
    vars(ports)["_channel"] = channel
    ports.send_message("say", Text("one"))
    again = VisitPorts(ports._visit)
    vars(again)["_channel"] = channel
    assert again.send_message("say", Text("one")) == {"effect": "say", "owed": "channel_unavailable"}
    assert again.owed == ports.owed
    assert channel.said == []


def test_what_was_owed_is_taken_up_where_it_was_left(ports: VisitPorts) -> None:
    channel = Hesitant(1)
    vars(ports)["_channel"] = channel
    ports.send_message("say", Text("one two three"))
    (owed,) = ports.owed
    later = VisitPorts(a_visit({"owed": {**owed, "tries": 1}}, deadline=FAR, phase="deliver"))
    vars(later)["_channel"] = channel
    later._sender._find_sent = lambda _tag: ""
    assert later.deliver() == {"effect": "say", "messages": ["wamid.1", "wamid.2", "wamid.3"]}
    assert channel.said == ["one", "two", "three"]


class Marking:
    """A channel that notes what is marked as read, and with `trouble` fails to."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.marked: list[str] = []
        self._trouble = trouble

    def mark_as_read(self, message_id: str, _deadline: int) -> None:
        self.marked.append(message_id)
        if self._trouble:
            raise self._trouble

    def open(self, _media: IncomingMedia, _deadline: int) -> Any:
        raise MediaRejected("wrong_kind", "")


@pytest.mark.parametrize("trouble", [None, ChannelUnavailable("down"), ChannelRefused(131026, "no"), InDoubt("lost")])
@pytest.mark.parametrize(
    ("switch", "phase", "marked"), [("true", "resume", ["wamid.1"]), ("true", "enter", []), ("", "resume", [])]
)
def test_a_file_that_was_asked_for_is_marked_as_read_once_where_the_deployment_wants_it(
    switch: str, phase: str, marked: list[str], trouble: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NodeSettings("effects", *[""] * 6, read_marks=switch).to_environment().items():
        monkeypatch.setenv(name, value)
    ports, channel = VisitPorts(a_visit({}, deadline=FAR, event=media(), phase=phase)), Marking(trouble)
    vars(ports).update(_channel=channel, _media=None)
    with pytest.raises(MediaRejected):
        ports.receive_file(IncomingMedia("m1", "image"), PRODUCT)
    assert channel.marked == marked


def test_a_file_knows_how_long_it_is_kept_and_a_call_that_uploads_it_is_held_no_longer(
    ports: VisitPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = MediaReference("media/c_ann/s/1", "a" * 64, 10, "image/jpeg", "image", "photo.jpg")
    monkeypatch.setattr(inbound_files, "receive_file", lambda *_, **__: stored)
    monkeypatch.setattr(VisitPorts, "now", lambda _: NOW)
    over = replace(ANN, last_message_at=NOW // 1000 - 40 * 3600)
    vars(ports)["_channel"] = None
    vars(ports)["_visit"] = a_visit({}, event=media(), conversation=over, retention_days=2, deadline=FAR)
    file = ports.receive_file(IncomingMedia("m1", "image"), PRODUCT)
    assert file == replace(stored, kept_until=NOW // 1000 + 86_400)  # S3 deletes by rules for 1, 3, 7, ... days
    assert MediaReference.from_json(file.to_json()) == file
    assert ports.hold_seconds(7 * 86_400, [file, stored]) == 23 * 3600
    assert ports.hold_seconds(7 * 86_400, [stored]) == 7 * 86_400


@pytest.mark.parametrize(("reports", "found"), [(True, "wamid.1"), (False, "")])
def test_only_a_channel_that_reports_statuses_can_show_by_one_what_was_sent(
    reports: bool, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NodeSettings("effects", *[""] * 6, deliveries_table="deliveries").to_environment().items():
        monkeypatch.setenv(name, value)
    visit = a_visit({}, deadline=FAR)
    known = manifest.load(visit.conversation.channel)
    capabilities = known.capabilities | {"statuses"} if reports else known.capabilities - {"statuses"}
    monkeypatch.setattr(manifest, "load", lambda _name: replace(known, capabilities=capabilities))
    monkeypatch.setattr(deliveries, "message_with_tag", lambda _table, _conversation, _tag: "wamid.1")
    assert VisitPorts(visit)._find_sent("tag") == found


@pytest.fixture
def paced(table: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., VisitPorts]:
    """The ports of a visit in a deployment where each account sends two messages a second, as a new process."""
    table("rates", "cell")
    settings = NodeSettings(table("effects", "effect"), *[""] * 6, rates_table="rates", account_rates="106=2.0,9=80")
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)

    def make(number: int, config: dict[str, Any] | None = None, **visit: Any) -> VisitPorts:
        rates._accounts.clear()
        ports = VisitPorts(a_visit(config or {}, deadline=FAR, visit=number, **visit))
        vars(ports)["now"] = lambda: NOW
        rate = ports._rate
        assert rate
        rate._clock = lambda: NOW / 1000
        return ports

    return make


def test_what_an_account_cannot_send_at_once_is_owed_in_its_slot_and_sent_then(
    paced: Callable[..., VisitPorts],
) -> None:
    said = []
    for number in range(4):
        ports, channel = paced(number), Hesitant()
        vars(ports)["_channel"] = channel
        ports.send_message("say", Text(f"{number}"))
        said.append((channel.said, [(each["reason"], each["due"] - NOW // 1000) for each in ports.owed]))
    assert said == [(["0"], []), (["1"], []), ([], [("paced", 1)]), ([], [("paced", 2)])]
    owed = {**ports.owed[0], "tries": 0, "due": NOW // 1000}  # its slot has come
    ports, channel = paced(9, phase="deliver", config={"owed": owed}), Hesitant()
    vars(ports)["_channel"] = channel
    assert ports.deliver() == {"effect": "say", "messages": ["wamid.1"]}


@pytest.mark.parametrize(("account_after", "owed"), [(30.0, "paced"), (0.0, None)])
def test_only_a_refusal_that_concerns_the_account_silences_it(
    paced: Callable[..., VisitPorts], account_after: float, owed: str | None
) -> None:
    class Limited(Hesitant):
        def send(self, *_: Any) -> list[str]:
            raise ChannelUnavailable("a limit", 4.0, account_after=account_after)

    refused, other = paced(1), paced(2)
    vars(refused)["_channel"], vars(other)["_channel"] = Limited(), Hesitant()
    assert refused.send_message("say", Text("one"))["owed"] == "channel_unavailable"
    assert refused.owed[0]["after"] >= max(4.0, account_after)
    assert other.send_message("say", Text("two")).get("owed") == owed


class OneAnswer:
    """A fetch that gives each call the same answer, and says how many slots were taken meanwhile."""

    def __init__(self, status: int) -> None:
        self.status, self.headers, self.length = status, dict[str, str](), None
        self.keys: list[str] = []
        self.deadlines: list[int] = []
        self.leases: list[int] = []

    @contextmanager
    def open(self, _method: str, _url: str, *, headers: dict[str, str], deadline: int, **_: Any) -> Iterator[Any]:
        self.deadlines.append(deadline)
        self.keys.append(headers["Idempotency-Key"])
        rows = client("dynamodb").scan(TableName="hosts")["Items"]
        self.leases.append(sum(len(row.get("leases", {}).get("SS", ())) for row in rows))
        yield self

    def read(self, _amount: int = -1) -> bytes:
        return b""


def test_every_try_of_a_held_call_takes_a_slot_and_carries_the_first_one_s_key(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = {"hosts_table": table("hosts", "cell"), "calls_per_host": "2"}
    settings = NodeSettings(table("effects", "effect"), *[""] * 6, **hosts)
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    fetch = OneAnswer(503)
    first = a_visit({}, deadline=FAR, event=media())
    held_key = first.effect_key("call")
    for number, key in enumerate(("", held_key, held_key)):
        ports = VisitPorts(replace(first, turn=first.turn + number, visit=first.visit + number))
        vars(ports).update(_fetch=fetch, _media=None)
        call = Call("POST", "https://tries.example.com/", attempts=1, key=key, health=lambda _: "failure")
        if number == 2:  # two failures in a row have opened the host
            with pytest.raises(HostOpen):
                ports.call_api("call", call)
        else:
            assert ports.call_api("call", call).status == 503
    assert fetch.leases == [1, 1]
    assert len(set(fetch.keys)) == 1


def test_a_call_leaves_time_to_record_it_and_to_give_its_slot_back(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = {"hosts_table": table("hosts", "cell"), "calls_per_host": "2"}
    for name, value in NodeSettings(table("effects", "effect"), *[""] * 6, **hosts).to_environment().items():
        monkeypatch.setenv(name, value)
    deadline = (int(time.time()) + 30) * 1000
    ports = VisitPorts(a_visit({}, deadline=deadline, event=media()))
    fetch = OneAnswer(200)
    vars(ports).update(_fetch=fetch, _media=None)
    ports.call_api("call", Call("POST", "https://whole-visit.example.com/", seconds=60.0))
    assert fetch.deadlines == [deadline - RECORD_SECONDS * 1000]
