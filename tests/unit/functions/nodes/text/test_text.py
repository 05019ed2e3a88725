"""The Text node."""

from __future__ import annotations

from chatflow.errors import ChannelRefused
from chatflow.messages import Text
from nodes.text.rule import visit
from tests.fakes.visit import FakePorts, a_visit


def test_it_says_its_text_with_the_variables_filled_in() -> None:
    ports = FakePorts()
    outcome = visit(
        a_visit({"say": "Thanks [[contact:name]], claim [[claim.id]]."}, variables={"claim": {"id": 7}}), ports
    )

    assert outcome.exit == "sent"
    assert ports.texts == ["Thanks Ann, claim 7."]


def test_a_preview_of_a_link_is_shown_only_where_the_author_wants_it() -> None:
    ports = FakePorts()
    visit(a_visit({"say": "https://example.com", "preview_url": True}), ports)
    visit(a_visit({"say": "https://example.com"}), ports)
    assert ports.sent_messages == [Text("https://example.com", preview_url=True), Text("https://example.com")]


def test_nothing_is_sent_when_nothing_is_left_to_say() -> None:
    ports = FakePorts()
    assert visit(a_visit({"say": "[[nothing]]"}), ports).exit == "sent"
    assert ports.texts == []


def test_a_channel_that_refuses_leads_to_the_exit_failed() -> None:
    outcome = visit(a_visit({"say": "Hi"}), FakePorts(refuses=ChannelRefused(131047, "window closed")))
    assert outcome.exit == "failed"
