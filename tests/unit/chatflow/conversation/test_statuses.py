"""Delivery statuses are coalesced and packed, and come out of the queue as they went in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.conversation.statuses import MAX_MESSAGE_BYTES, Status, coalesce, pack, unpack
from chatflow.errors import Unreadable
from chatflow.messages import DELIVERY_RANK, Delivery

CONTACT = "the address of the contact"  # no digits: a generated code may hold any


def status(message: str = "wamid.1", reported: Any = "sent", conversation: str = "c_ann", **more: Any) -> Status:
    return Status(conversation, Delivery(message, "whatsapp", "106", CONTACT, reported, 1_760_000_000, **more))


statuses = st.builds(
    status,
    st.text(min_size=1, max_size=300),
    st.sampled_from(sorted(DELIVERY_RANK)),
    code=st.integers(0, 2**40),
    explanation=st.text(max_size=300),
)


@given(st.lists(statuses, max_size=300))
def test_what_is_packed_is_unpacked_without_its_contact(given: list[Status]) -> None:
    bodies = pack(given)
    without_contact = [replace(each, delivery=replace(each.delivery, contact="")) for each in given]
    assert [each for body in bodies for each in unpack(body)] == without_contact
    assert all(len(body.encode()) <= MAX_MESSAGE_BYTES + 30 for body in bodies)
    assert CONTACT not in "".join(bodies)


@given(st.lists(statuses, max_size=30))
def test_one_status_of_each_message_remains_and_none_is_higher(given: list[Status]) -> None:
    left = coalesce(given)
    assert len({each.message for each in left}) == len(left)
    assert {each.message for each in left} == {each.message for each in given}
    for one in left:
        same = [each for each in given if each.message == one.message]
        assert DELIVERY_RANK[one.delivery.status] == max(DELIVERY_RANK[each.delivery.status] for each in same)


def test_the_same_id_on_two_accounts_is_two_messages() -> None:
    other = Status("c_bob", Delivery("wamid.1", "whatsapp", "107", "1650", "read", 1))
    assert len(coalesce([status(), other])) == 2


def test_a_thousand_statuses_fit_one_call_of_sqs() -> None:
    many = [status(f"wamid.{number:060}", "delivered", f"c_{number:032}") for number in range(1000)]
    bodies = pack(many)
    assert len(bodies) <= 10
    assert sum(map(len, bodies)) < 256 * 1024


STATUS = {"conversation": "c", "message_id": "1", "channel": "w", "account": "1"}


@pytest.mark.parametrize(
    "body",
    [
        *("", "{", "null", "7", "[]", "{}", '{"statuses": 7}', '{"statuses": [7]}', '{"statuses": [{}]}'),
        json.dumps({"statuses": [STATUS]}),
        json.dumps({"statuses": [{**STATUS, "status": "seen"}]}),
        json.dumps({"schema": 0, "statuses": []}),
    ],
)
def test_what_no_release_wrote_is_unreadable(body: str) -> None:
    with pytest.raises(Unreadable):
        unpack(body)


def test_fields_of_a_later_release_are_ignored() -> None:
    packed = json.loads(pack([status()])[0])
    (line,) = packed["statuses"]
    later = {**packed, "schema": 2, "statuses": [{**line, "colour": "blue", "reason": "too_blue"}], "sent_by": "x"}
    (read,) = unpack(json.dumps(later))
    assert (read.delivery.message_id, read.delivery.reason) == ("wamid.1", "too_blue")
