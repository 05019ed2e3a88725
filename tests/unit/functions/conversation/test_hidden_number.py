"""A customer hides the number at every step of every example flow, and is erased by any of their addresses."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from chatflow.adapters import aws
from tests.fakes.aws_account import an_account
from tests.fakes.example_flows import FLOWS, ExampleFlows

NUMBER, USER, USERNAME = "4915112345678", "DE.13491208655302741918", "mara.l"
# One flow in every run of the tests, the others with the slow ones.
STEPS = [
    pytest.param(flow, step, marks=[] if flow == "three-files-in" else [pytest.mark.slow])
    for flow, messages in FLOWS.items()
    for step in range(len(messages) + 1)
]
BY = {"the number": "+49 (151) 1234-5678", "the user id": USER, "the username": "@Mara.L"}


@cache
def undisturbed(flow: str) -> tuple[list[str], list[str]]:
    with an_account(pytest.MonkeyPatch()):
        flows = ExampleFlows()
        for message in FLOWS[flow]:
            flows.write(message, from_=NUMBER)
        return flows.sent, flows.uploaded


def play(flow: str, step: int, *, before: str) -> ExampleFlows:
    """The flow, its number hidden from `step` on. `before`: what webhooks bring until then."""
    flows = ExampleFlows()
    for index, message in enumerate(FLOWS[flow]):
        if index < step:
            user = USER if before == "both" or index == step - 1 else ""
            flows.write(message, from_=NUMBER, user_id=user)
        else:
            flows.write(message, user_id=USER, username=USERNAME)
    flows.write({"type": "reaction", "reaction": {}}, user_id=USER, username=USERNAME)
    return flows


@pytest.mark.parametrize("before", ["both", "the number"])
@pytest.mark.parametrize(("flow", "step"), STEPS)
def test_a_number_that_is_hidden_at_any_step_costs_no_session_and_doubles_nothing(
    flow: str, step: int, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = undisturbed(flow)
    with an_account(monkeypatch):
        flows = play(flow, step, before=before)
        assert (flows.sent, flows.uploaded) == expected
        (session,) = flows.sessions()
        assert session.state == "ended" if "stop" in str(FLOWS[flow][-1]) else session
        if step:
            assert set(flows.contacts) == {NUMBER}, "a number that was shown once is written to"
        by = ["the number", "the user id", "the username"] if step else ["the user id", "the username"]
        address = BY[by[(step + len(flow)) % len(by)]]
        assert flows.stored()
        removed = flows.erase(address)
        assert flows.stored() == []
        assert removed["turns"]
        assert removed["sessions"] == 1
        assert removed["aliases"] == (2 if step else 1)
        assert flows.erase(address) == {}, "an erasure that removes nothing says so"


def test_the_same_person_goes_on_after_a_change_of_number(monkeypatch: pytest.MonkeyPatch) -> None:
    with an_account(monkeypatch):
        flows = ExampleFlows()
        start, first, second, third = FLOWS["three-files-in"]
        flows.write(start, from_=NUMBER, user_id=USER)
        flows.write(first, from_=NUMBER, user_id=USER)
        flows.write(change("DE.2", USER, number="4915199999999"), from_=NUMBER)
        flows.write(second, from_="4915199999999", user_id="DE.2")
        flows.write(change("DE.3", "DE.2"))
        flows.write(third, user_id="DE.3")
        assert (flows.sent, flows.uploaded) == undisturbed("three-files-in")
        assert flows.contacts[-1] == "DE.3", "a number that may have changed is not written to"
        assert len(flows.sessions()) == 1
        by = [NUMBER, USER, "4915199999999", "DE.2", "DE.3"]
        assert {flows.find(each).conversation for each in by} == {flows.find("DE.3").conversation}
        assert flows.erase(NUMBER)["aliases"] == 4
        assert flows.stored() == []


def test_a_change_that_names_another_customer_hands_nothing_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with an_account(monkeypatch):
        flows = ExampleFlows()
        for number, user in ((NUMBER, USER), ("4915199999999", "DE.9")):
            flows.write(FLOWS["one-file-out"][0], from_=number, user_id=user)
        before = flows.sessions()
        for message, sender in (
            (change("DE.9", USER, number="4915199999999"), NUMBER),  # to somebody else's id
            (change("DE.5", "DE.9", number="4915155555555"), NUMBER),  # from somebody else's id
        ):
            flows.write(message, from_=sender)
        assert flows.sessions() == before
        assert flows.endings[-2:] == ["refused", "refused"]
        notes = [row for row in flows.stored() if "not_the_same_person" in row]
        assert len(notes) == 2, "the transcript says why"
        assert flows.find(NUMBER).conversation != flows.find("4915199999999").conversation


def test_a_number_that_goes_to_another_person_is_theirs_and_the_first_keeps_their_conversation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with an_account(monkeypatch):
        flows = ExampleFlows()
        flows.write(FLOWS["one-file-out"][0], from_=NUMBER, user_id=USER)
        flows.write(FLOWS["one-file-in"][0], from_=NUMBER, user_id="DE.2")
        first, second = flows.find(USER).conversation, flows.find("DE.2").conversation
        found = flows.find(NUMBER)
        assert (found.conversation, found.earlier) == (second, (first,))
        flows.erase(NUMBER)
        (left,) = flows.sessions()
        assert left.conversation == first
        flows.write(FLOWS["one-file-out"][1], user_id=USER)
        assert flows.sent[-1] == "Report B AB 77.jpg"
        flows.erase(USER)
        assert flows.stored() == []


def test_an_alias_of_an_erased_conversation_leads_to_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with an_account(monkeypatch):
        flows = ExampleFlows()
        flows.write(FLOWS["one-file-in"][0], from_=NUMBER, user_id=USER)
        key = flows.find(USER).conversation
        row = {"conversation": {"S": key}, "item": {"S": "session"}}
        aws.client("dynamodb").delete_item(TableName="sessions", Key=row)  # as a restored backup may leave it
        assert flows.find(NUMBER).conversation == key
        flows.now += 1
        flows.write(FLOWS["one-file-in"][0], from_=NUMBER)
        (session,) = flows.sessions()
        assert (session.conversation, session.turn) == (key, 1)
        assert flows.erase(NUMBER)["aliases"] == 1
        assert flows.stored() == []


def change(user_id: str, before: str, *, number: str = "") -> dict[str, Any]:
    kind = "user_changed_number" if number else "user_changed_user_id"
    system = {"type": kind, "user_id": user_id, "previous_user_id": before}
    return {"type": "system", "system": {**system, "wa_id": number} if number else system}
