"""One event, one turn: what is run, what is saved, and what wakes the conversation again."""

from __future__ import annotations

import pytest

from chatflow.conversation.events import continue_event, timeout_event, undelivered_event
from chatflow.errors import TurnFailed
from chatflow.messages import Delivery
from tests.fakes.turns import ENDS, NOW, TurnWorld, sent_other, sent_photo, waits, wrote


def test_a_first_message_starts_the_flow_that_routes_name_and_its_wait_gets_a_deadline() -> None:
    world = TurnWorld([waits()])

    assert world.take(wrote()) == "waiting"

    assert world.runs[0]["at"] == "first"
    assert world.runs[0]["phase"] == "enter"
    session = world.sessions.session
    assert session is not None
    assert (session.flow, session.turn, session.at) == ("claims", 1, "ask")
    assert world.scheduled == [(NOW + 600, timeout_event("c_ann", session.session, 1, NOW + 600))]


def test_a_repeated_message_changes_nothing() -> None:
    world = TurnWorld([waits()])
    world.take(wrote())
    before = world.sessions.session

    assert world.take(wrote()) == "repeated"

    assert len(world.runs) == 1
    assert world.sessions.session == before


def test_the_next_message_resumes_the_node_that_waits_with_what_it_remembered() -> None:
    world = TurnWorld([waits(), ENDS])
    world.take(wrote())

    assert world.take(wrote("B-AB 12", id="wamid.2")) == "ended"

    run = world.runs[1]
    assert (run["at"], run["phase"], run["memo"]) == ("ask", "resume", {"attempt": 1})
    assert run["event"]["message"]["text"] == "B-AB 12"


def test_the_slice_of_a_resumed_turn_begins_at_the_node_that_waited() -> None:
    world = TurnWorld([waits("ask_photo"), ENDS])
    world.take(wrote())
    world.take(wrote("x", id="wamid.2"))

    assert list(world.runs[1]["nodes"]) == ["ask_photo"]


def test_a_failed_run_saves_nothing_so_that_the_event_comes_again() -> None:
    world = TurnWorld([TurnFailed("the machine timed out"), waits()])
    with pytest.raises(TurnFailed):
        world.take(wrote())
    assert world.sessions.session is None

    assert world.take(wrote()) == "waiting"
    assert world.runs[0]["session"] == world.runs[1]["session"]
    assert world.runs[0]["turn"] == world.runs[1]["turn"]


def test_a_turn_that_does_not_fit_its_budget_goes_on_by_a_continue_event() -> None:
    world = TurnWorld([{"status": "deferred", "at": "third"}, waits()], seconds_per_run=61)

    assert world.take(wrote()) == "continuing"
    session = world.sessions.session
    assert session is not None
    assert world.queued == [continue_event("c_ann", session.session, 1)]
    assert world.scheduled == []

    assert world.take(world.queued[0]) == "waiting"
    assert (world.runs[1]["at"], world.runs[1]["phase"]) == ("third", "enter")


def test_a_deferred_run_goes_on_within_the_slice_that_it_began_with() -> None:
    world = TurnWorld([waits("ask"), {"status": "deferred", "at": "third"}, ENDS])
    world.take(wrote())
    world.seconds_per_run = 61
    world.take(wrote("x", id="wamid.2"))
    world.take(world.queued[0])

    assert list(world.runs[2]["nodes"]) == ["ask"]
    assert world.runs[2]["at"] == "third"


def test_a_message_that_overtakes_a_continue_event_waits_its_turn() -> None:
    world = TurnWorld([{"status": "deferred", "at": "third"}, waits("ask"), ENDS], seconds_per_run=61)
    world.take(wrote())
    world.seconds_per_run = 1

    assert world.take(wrote("quick", id="wamid.2")) == "ended"

    assert [(run["at"], run["phase"]) for run in world.runs[1:]] == [("third", "enter"), ("ask", "resume")]
    assert world.take(world.queued[0]) == "stale"


def test_a_message_that_no_longer_fits_is_kept_and_applied_first_by_the_next_turn() -> None:
    world = TurnWorld([{"status": "deferred", "at": "third"}, waits("ask"), ENDS], seconds_per_run=61)
    world.take(wrote())

    assert world.take(wrote("quick", id="wamid.2")) == "waiting"
    assert world.take(world.queued[-1]) == "ended"

    assert world.runs[2]["event"]["message"]["text"] == "quick"


def test_continuing_with_another_flow_keeps_the_session_and_its_variables() -> None:
    world = TurnWorld(
        [{"status": "another_flow", "flow": "thanks", "variables": {"plate": "B-AB 12"}}, ENDS],
        flows=["claims", "thanks"],
    )

    assert world.take(wrote()) == "ended"

    assert world.runs[1]["flow"] == "thanks"
    assert world.runs[1]["session"] == world.runs[0]["session"]
    assert world.runs[1]["variables"] == {"plate": "B-AB 12"}
    assert world.runs[1]["visits"] == 1


def test_flows_that_continue_with_each_other_for_ever_are_stopped_after_ten() -> None:
    world = TurnWorld([{"status": "another_flow", "flow": "claims"}] * 11 + [ENDS])
    world.sessions.routes["apology"] = "Something went wrong."

    assert world.take(wrote()) == "ended"

    assert len(world.runs) == 12
    assert world.said == ["Something went wrong."]


def test_a_flow_that_is_not_published_ends_in_an_apology() -> None:
    world = TurnWorld([ENDS], flows=[])
    world.sessions.routes["apology"] = "Something went wrong."

    assert world.take(wrote()) == "ended"
    assert world.said == ["Something went wrong."]


def test_too_many_visits_end_the_session_with_an_apology() -> None:
    world = TurnWorld([{"status": "too_many_visits"}, ENDS])
    world.sessions.routes["apology"] = "Something went wrong."

    assert world.take(wrote()) == "ended"
    assert world.said == ["Something went wrong."]


def test_the_sessions_own_timeout_runs_the_flows_farewell() -> None:
    world = TurnWorld([waits(), ENDS])
    world.take(wrote())
    assert world.sessions.session is not None
    session = world.sessions.session
    world.sessions.session = type(session)(**{**session.__dict__, "on_timeout": "still_there"})

    assert world.take(world.scheduled[0][1]) == "ended"
    assert (world.runs[1]["at"], world.runs[1]["phase"]) == ("still_there", "enter")


def test_a_session_without_a_farewell_just_ends_at_its_timeout() -> None:
    world = TurnWorld([waits()])
    world.take(wrote())

    assert world.take(world.scheduled[0][1]) == "ended"
    assert len(world.runs) == 1


def test_a_nodes_own_timeout_is_the_nodes_to_answer() -> None:
    world = TurnWorld([waits(seconds=120), ENDS])
    world.take(wrote())
    assert world.scheduled[0][0] == NOW + 120

    world.take(world.scheduled[0][1])
    assert (world.runs[1]["at"], world.runs[1]["phase"]) == ("ask", "resume")
    assert world.runs[1]["event"]["kind"] == "timeout"


def test_a_timeout_that_comes_after_the_customers_answer_is_ignored() -> None:
    world = TurnWorld([waits(), waits("next")])
    world.take(wrote())
    late = world.scheduled[0][1]
    world.take(wrote("answer", id="wamid.2"))

    assert world.take(late) == "stale"
    assert world.sessions.session is not None
    assert world.sessions.session.state == "waiting"


def test_a_deadline_counts_from_when_the_question_was_asked() -> None:
    world = TurnWorld([waits(seconds=30)], seconds_per_run=50)
    world.take(wrote())
    assert world.scheduled[0][0] == NOW + 50 + 60  # half a minute, but a schedule cannot be had so soon

    world = TurnWorld([waits(seconds=120)], seconds_per_run=50)
    world.take(wrote())
    assert world.scheduled[0][0] == NOW + 50 + 120


def test_the_deadline_of_a_try_that_was_not_saved_ends_no_later_wait() -> None:
    world = TurnWorld([waits(seconds=120), waits(seconds=120), ENDS])
    save = world.sessions.save

    def fail(*_: object) -> None:
        raise TurnFailed("not saved")

    world.sessions.save = fail  # type: ignore[assignment, method-assign]
    with pytest.raises(TurnFailed):
        world.take(wrote())
    world.sessions.save = save  # type: ignore[method-assign]
    world.now += 100
    world.take(wrote())

    (_, of_the_first), (_, of_the_second) = world.scheduled
    assert of_the_first["id"] != of_the_second["id"]
    assert world.take(of_the_first) == "stale"
    assert world.take(of_the_second) == "ended"


def test_a_thumb_shortly_before_the_deadline_leaves_the_session_with_one_that_wakes_it() -> None:
    world = TurnWorld([waits(seconds=120), ENDS])
    world.take(wrote())
    world.now += 110
    world.take(sent_other("reaction", id="wamid.2"))

    assert world.take(world.scheduled[-1][1]) == "ended"


def test_a_session_whose_version_is_gone_ends_in_an_apology_instead_of_failing_for_ever() -> None:
    world = TurnWorld([waits(), ENDS])
    world.sessions.routes["apology"] = "Something went wrong."
    world.take(wrote())
    world.flows.clear()

    assert world.take(wrote("answer", id="wamid.2")) == "ended"
    assert world.said == ["Something went wrong."]


def test_what_a_turn_goes_on_with_is_the_same_whichever_event_wakes_it() -> None:
    """What was done for it is known by that event: a `continue` that failed too often must not be done twice."""
    world = TurnWorld([{"status": "deferred", "at": "third"}, TurnFailed("no"), waits("ask"), ENDS], seconds_per_run=61)
    world.take(wrote())
    world.seconds_per_run = 1
    with pytest.raises(TurnFailed):
        world.take(world.queued[0])
    world.take(wrote("quick", id="wamid.2"))

    assert world.runs[1]["event"] == world.runs[2]["event"] == world.queued[0]
    assert world.runs[3]["event"]["id"] == "wamid.2"


@pytest.mark.parametrize(
    ("word", "then", "flow"),
    [("STOP ", "end", ""), ("menu", {"flow": "main"}, "main"), ("restart", "restart", "claims")],
)
def test_the_words_that_leave_any_flow(word: str, then: object, flow: str) -> None:
    world = TurnWorld([waits(), ENDS, waits()], flows=["claims", "main"])
    world.sessions.routes["leave"] = [{"words": [word.strip().lower()], "say": "As you wish.", "then": then}]
    world.take(wrote())
    first = world.sessions.session

    world.take(wrote(word, id="wamid.2"))

    assert world.said == ["As you wish."]
    session = world.sessions.session
    assert first is not None
    assert session is not None
    if flow:
        assert (session.flow, session.state) == (flow, "waiting")
        assert session.session != first.session
    else:
        assert session.state == "ended"


def test_what_matches_no_route_is_answered() -> None:
    world = TurnWorld([ENDS], routes={"routes": [{"keywords": ["claim"], "flow": "claims"}], "no_match": "Say claim."})

    assert world.take(wrote("hi")) == "ended"
    assert world.said == ["Say claim."]


def test_a_keyword_starts_its_flow_whatever_its_case() -> None:
    world = TurnWorld([waits()], routes={"routes": [{"keywords": ["my claim"], "flow": "claims"}]})

    assert world.take(wrote("  My  CLAIM ")) == "waiting"


def test_a_photo_that_opens_a_flow_is_given_to_the_media_node_that_waits_for_it() -> None:
    world = TurnWorld([waits("ask_photo", expects=("media",)), ENDS])

    assert world.take(sent_photo()) == "ended"
    assert (world.runs[1]["at"], world.runs[1]["phase"]) == ("ask_photo", "resume")


def test_a_photo_that_opens_a_flow_is_not_forced_upon_a_menu() -> None:
    world = TurnWorld([waits("choose", expects=("choice", "text"))])

    assert world.take(sent_photo()) == "waiting"
    assert len(world.runs) == 1


def test_a_thumb_on_a_message_is_no_answer_to_the_node_that_waits() -> None:
    world = TurnWorld([waits()])
    world.take(wrote())

    assert world.take(sent_other("reaction", id="wamid.2")) == "waiting"
    assert len(world.runs) == 1


def test_what_a_channel_cannot_show_is_answered_politely_when_no_flow_runs() -> None:
    world = TurnWorld([ENDS])
    world.sessions.routes["unsupported"] = "I cannot read that."

    assert world.take(sent_other("unsupported")) == "ended"
    assert world.said == ["I cannot read that."]


def test_an_undelivered_message_is_noted_and_moves_nothing() -> None:
    world = TurnWorld([waits()])
    world.take(wrote())
    before = world.sessions.session
    failed = Delivery("wamid.out", "whatsapp", "106", "1650", "failed", NOW, 131053, "media upload error")

    assert world.take(undelivered_event(failed, "c_ann")) == "noted"
    assert world.sessions.session == before
    assert world.sessions.records["status#wamid.out"]["event"]["code"] == 131053


def test_the_transcript_holds_the_visits_and_the_changed_variables_but_no_address() -> None:
    world = TurnWorld([waits(variables={"plate": "B-AB 12"})])
    world.take(wrote())

    record = world.sessions.records["wamid.1"]
    assert record["variables"] == {"plate": "B-AB 12"}
    assert [visit["node"] for visit in record["visits"]] == ["first"]
    assert "16505551234" not in str(record)
    assert "Ann" not in str(record)


def test_two_workers_cannot_both_save_a_turn() -> None:
    world = TurnWorld([waits(), waits()])
    world.take(wrote())
    saved = world.sessions.session
    assert saved is not None
    world.sessions.session = None
    loaded = world.sessions.load

    def load_then_lose(conversation: str, event_id: str):  # type: ignore[no-untyped-def]
        answer = loaded(conversation, event_id)
        world.sessions.session = saved
        return answer

    world.sessions.load = load_then_lose  # type: ignore[method-assign]
    with pytest.raises(TurnFailed):
        world.take(wrote("again", id="wamid.2"))
