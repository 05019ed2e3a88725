"""One event, one turn: what is run, what is saved, and what wakes the conversation again."""

from __future__ import annotations

import pytest

from chatflow.conversation.early_files import FILE_UNUSED
from chatflow.conversation.events import Event, continue_event, message_event, timeout_event, undelivered_event
from chatflow.conversation.turn_limits import MAX_CONTINUES
from chatflow.errors import TurnFailed
from chatflow.messages import Delivery, IncomingMessage
from tests.fakes.turns import ENDS, NOW, FakeConversation, sent_other, sent_photo, waits, wrote


def test_a_first_message_starts_the_flow_that_routes_name_and_its_wait_gets_a_deadline() -> None:
    conversation = FakeConversation([waits()])

    assert conversation.process(wrote()) == "waiting"

    assert conversation.runs[0]["at"] == "first"
    assert conversation.runs[0]["phase"] == "enter"
    session = conversation.sessions.session
    assert session is not None
    assert (session.flow, session.turn, session.node) == ("claims", 1, "ask")
    assert conversation.scheduled == [(NOW + 600, timeout_event("c_ann", session.session, 1, NOW + 600))]


def test_a_repeated_message_changes_nothing() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())
    before = conversation.sessions.session

    assert conversation.process(wrote()) == "repeated"

    assert len(conversation.runs) == 1
    assert conversation.sessions.session == before


def test_the_next_message_resumes_the_node_that_waits_with_what_it_remembered() -> None:
    conversation = FakeConversation([waits(), ENDS])
    conversation.process(wrote())

    assert conversation.process(wrote("B-AB 12", id="wamid.2")) == "ended"

    run = conversation.runs[1]
    assert (run["at"], run["phase"], run["memo"]) == ("ask", "resume", {"attempt": 1})
    assert run["event"]["message"]["text"] == "B-AB 12"


def test_the_slice_of_a_resumed_turn_begins_at_the_node_that_waited() -> None:
    conversation = FakeConversation([waits("ask_photo"), ENDS])
    conversation.process(wrote())
    conversation.process(wrote("x", id="wamid.2"))

    assert list(conversation.runs[1]["nodes"]) == ["ask_photo"]


def test_a_failed_run_saves_nothing_so_that_the_event_comes_again() -> None:
    conversation = FakeConversation([TurnFailed("the machine timed out"), waits()])
    with pytest.raises(TurnFailed):
        conversation.process(wrote())
    assert conversation.sessions.session is None

    assert conversation.process(wrote()) == "waiting"
    assert conversation.runs[0]["session"] == conversation.runs[1]["session"]
    assert conversation.runs[0]["turn"] == conversation.runs[1]["turn"]


def test_a_turn_that_does_not_fit_its_budget_goes_on_by_a_continue_event() -> None:
    conversation = FakeConversation([{"status": "deferred", "at": "third"}, waits()], seconds_per_run=61)

    assert conversation.process(wrote()) == "continuing"
    session = conversation.sessions.session
    assert session is not None
    assert conversation.queued == [continue_event("c_ann", session.session, 1)]
    assert conversation.scheduled == []

    assert conversation.process(conversation.queued[0]) == "waiting"
    assert (conversation.runs[1]["at"], conversation.runs[1]["phase"]) == ("third", "enter")


def test_a_session_that_never_waits_is_ended_after_an_hour_of_continue_events() -> None:
    """Lambda's own detection of loops is off for this function, so the bound is ours."""
    routes = {"routes": [{"flow": "claims"}], "apology": "Sorry."}
    deferred = {"status": "deferred", "at": "third"}
    conversation = FakeConversation([deferred] * (MAX_CONTINUES + 1) + [ENDS], routes, seconds_per_run=61)
    conversation.process(wrote())
    endings = [conversation.process(conversation.queued.pop()) for _ in range(MAX_CONTINUES + 1)]
    assert endings == ["continuing"] * MAX_CONTINUES + ["ended"]
    assert conversation.texts == ["Sorry."]
    assert conversation.queued == []
    assert [record["refused"] for record in conversation.sessions.records.values() if "refused" in record] == [
        "too_many_continues"
    ]


def test_a_message_of_the_customer_begins_the_count_of_continue_events_anew() -> None:
    conversation = FakeConversation([{"status": "deferred", "at": "third"}] * 3, seconds_per_run=61)
    conversation.process(wrote())
    conversation.process(conversation.queued[-1])
    assert conversation.queued[-1]["continues"] == 2
    conversation.process(wrote(id="wamid.2"))
    assert conversation.queued[-1]["continues"] == 1


def test_a_continue_event_of_an_earlier_version_counts_as_the_first() -> None:
    conversation = FakeConversation([{"status": "deferred", "at": "third"}] * 2, seconds_per_run=61)
    conversation.process(wrote())
    event = conversation.queued.pop()
    del event["continues"]
    assert conversation.process(event) == "continuing"
    assert conversation.queued[-1]["continues"] == 1


def test_a_node_that_waits_and_is_left_at_once_goes_on_in_its_own_slice() -> None:
    conversation = FakeConversation([{"status": "another_slice", "at": "third", "slice": "ask"}, waits("third")])
    assert conversation.process(wrote("hello")) == "waiting"
    assert (conversation.runs[1]["at"], conversation.runs[1]["phase"]) == ("third", "enter")
    assert "ask" in conversation.runs[1]["nodes"]


def test_a_deferred_run_goes_on_within_the_slice_that_it_began_with() -> None:
    conversation = FakeConversation([waits("ask"), {"status": "deferred", "at": "third"}, ENDS])
    conversation.process(wrote())
    conversation.seconds_per_run = 61
    conversation.process(wrote("x", id="wamid.2"))
    conversation.process(conversation.queued[0])

    assert list(conversation.runs[2]["nodes"]) == ["ask"]
    assert conversation.runs[2]["at"] == "third"


def test_a_message_that_overtakes_a_continue_event_waits_its_turn() -> None:
    conversation = FakeConversation([{"status": "deferred", "at": "third"}, waits("ask"), ENDS], seconds_per_run=61)
    conversation.process(wrote())
    conversation.seconds_per_run = 1

    assert conversation.process(wrote("quick", id="wamid.2")) == "ended"

    assert [(run["at"], run["phase"]) for run in conversation.runs[1:]] == [("third", "enter"), ("ask", "resume")]
    assert conversation.process(conversation.queued[0]) == "stale"


def test_a_message_that_no_longer_fits_is_kept_and_applied_first_by_the_next_turn() -> None:
    conversation = FakeConversation([{"status": "deferred", "at": "third"}, waits("ask"), ENDS], seconds_per_run=61)
    conversation.process(wrote())

    assert conversation.process(wrote("quick", id="wamid.2")) == "waiting"
    assert conversation.process(conversation.queued[-1]) == "ended"

    assert conversation.runs[2]["event"]["message"]["text"] == "quick"


def test_continuing_with_another_flow_keeps_the_session_and_its_variables() -> None:
    conversation = FakeConversation(
        [{"status": "another_flow", "flow": "thanks", "variables": {"plate": "B-AB 12"}}, ENDS],
        flows=["claims", "thanks"],
    )

    assert conversation.process(wrote()) == "ended"

    assert conversation.runs[1]["flow"] == "thanks"
    assert conversation.runs[1]["session"] == conversation.runs[0]["session"]
    assert conversation.runs[1]["variables"] == {"plate": "B-AB 12"}
    assert conversation.runs[1]["visits"] == 1


def test_flows_that_continue_with_each_other_for_ever_are_stopped_after_ten() -> None:
    conversation = FakeConversation([{"status": "another_flow", "flow": "claims"}] * 11 + [ENDS])
    conversation.sessions.routes["apology"] = "Something went wrong."

    assert conversation.process(wrote()) == "ended"

    assert len(conversation.runs) == 12
    assert conversation.texts == ["Something went wrong."]


def test_a_flow_that_is_not_published_ends_in_an_apology() -> None:
    conversation = FakeConversation([ENDS], flows=[])
    conversation.sessions.routes["apology"] = "Something went wrong."

    assert conversation.process(wrote()) == "ended"
    assert conversation.texts == ["Something went wrong."]


def test_too_many_visits_end_the_session_with_an_apology() -> None:
    conversation = FakeConversation([{"status": "too_many_visits"}, ENDS])
    conversation.sessions.routes["apology"] = "Something went wrong."

    assert conversation.process(wrote()) == "ended"
    assert conversation.texts == ["Something went wrong."]


def test_the_sessions_own_timeout_runs_the_flows_farewell() -> None:
    conversation = FakeConversation([waits(), ENDS])
    conversation.process(wrote())
    assert conversation.sessions.session is not None
    session = conversation.sessions.session
    conversation.sessions.session = type(session)(**{**session.__dict__, "on_timeout": "still_there"})

    assert conversation.process(conversation.scheduled[0][1]) == "ended"
    assert (conversation.runs[1]["at"], conversation.runs[1]["phase"]) == ("still_there", "enter")


def test_a_session_without_a_farewell_just_ends_at_its_timeout() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())

    assert conversation.process(conversation.scheduled[0][1]) == "ended"
    assert len(conversation.runs) == 1


def test_a_nodes_own_timeout_is_the_nodes_to_answer() -> None:
    conversation = FakeConversation([waits(seconds=120), ENDS])
    conversation.process(wrote())
    assert conversation.scheduled[0][0] == NOW + 120

    conversation.process(conversation.scheduled[0][1])
    assert (conversation.runs[1]["at"], conversation.runs[1]["phase"]) == ("ask", "resume")
    assert conversation.runs[1]["event"]["kind"] == "timeout"


def test_a_timeout_that_comes_after_the_customers_answer_is_ignored() -> None:
    conversation = FakeConversation([waits(), waits("next")])
    conversation.process(wrote())
    late = conversation.scheduled[0][1]
    conversation.process(wrote("answer", id="wamid.2"))

    assert conversation.process(late) == "stale"
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.state == "waiting"


def test_a_deadline_counts_from_when_the_question_was_asked() -> None:
    conversation = FakeConversation([waits(seconds=30)], seconds_per_run=50)
    conversation.process(wrote())
    assert conversation.scheduled[0][0] == NOW + 50 + 30

    conversation = FakeConversation([waits(seconds=120)], seconds_per_run=50)
    conversation.process(wrote())
    assert conversation.scheduled[0][0] == NOW + 50 + 120


def test_the_deadline_of_a_try_that_was_not_saved_ends_no_later_wait() -> None:
    conversation = FakeConversation([waits(seconds=120), waits(seconds=120), ENDS])
    save = conversation.sessions.save

    def fail(*_: object) -> None:
        raise TurnFailed("not saved")

    conversation.sessions.save = fail  # type: ignore[assignment, method-assign]
    with pytest.raises(TurnFailed):
        conversation.process(wrote())
    conversation.sessions.save = save  # type: ignore[method-assign]
    conversation.now += 100
    conversation.process(wrote())

    (_, of_the_first), (_, of_the_second) = conversation.scheduled
    assert of_the_first["id"] != of_the_second["id"]
    assert conversation.process(of_the_first) == "stale"
    assert conversation.process(of_the_second) == "ended"


def test_a_thumb_shortly_before_the_deadline_leaves_the_session_with_one_that_wakes_it() -> None:
    conversation = FakeConversation([waits(seconds=120), ENDS])
    conversation.process(wrote())
    conversation.now += 110
    conversation.process(sent_other("reaction", id="wamid.2"))

    assert conversation.process(conversation.scheduled[-1][1]) == "ended"


def test_a_session_whose_version_is_gone_ends_in_an_apology_instead_of_failing_for_ever() -> None:
    conversation = FakeConversation([waits(), ENDS])
    conversation.sessions.routes["apology"] = "Something went wrong."
    conversation.process(wrote())
    conversation.flows.clear()

    assert conversation.process(wrote("answer", id="wamid.2")) == "ended"
    assert conversation.texts == ["Something went wrong."]


def test_what_a_turn_goes_on_with_is_the_same_whichever_event_wakes_it() -> None:
    """What was done for it is known by that event: a `continue` that failed too often must not be done twice."""
    conversation = FakeConversation(
        [{"status": "deferred", "at": "third"}, TurnFailed("no"), waits("ask"), ENDS], seconds_per_run=61
    )
    conversation.process(wrote())
    conversation.seconds_per_run = 1
    with pytest.raises(TurnFailed):
        conversation.process(conversation.queued[0])
    conversation.process(wrote("quick", id="wamid.2"))

    assert conversation.runs[1]["event"] == conversation.runs[2]["event"] == conversation.queued[0]
    assert conversation.runs[3]["event"]["id"] == "wamid.2"


@pytest.mark.parametrize(
    ("word", "then", "flow"),
    [("STOP ", "end", ""), ("menu", {"flow": "main"}, "main"), ("restart", "restart", "claims")],
)
def test_the_words_that_leave_any_flow(word: str, then: object, flow: str) -> None:
    conversation = FakeConversation([waits(), ENDS, waits()], flows=["claims", "main"])
    conversation.sessions.routes["leave"] = [{"words": [word.strip().lower()], "say": "As you wish.", "then": then}]
    conversation.process(wrote())
    first = conversation.sessions.session

    conversation.process(wrote(word, id="wamid.2"))

    assert conversation.texts == ["As you wish."]
    session = conversation.sessions.session
    assert first is not None
    assert session is not None
    if flow:
        assert (session.flow, session.state) == (flow, "waiting")
        assert session.session != first.session
    else:
        assert session.state == "ended"


def begins(text: str) -> Event:
    """The customer pressed the channel's button to begin, or followed a link."""
    message = IncomingMessage("m.2", "whatsapp", "106", "16505551234", "text", NOW, text=text, begins=True)
    return message_event(message, "c_ann")


@pytest.mark.parametrize(("text", "flow"), [("damage", "claims"), ("main", "main"), ("start", "claims")])
def test_what_begins_a_conversation_is_never_the_answer_to_a_question(text: str, flow: str) -> None:
    conversation = FakeConversation(
        [waits(), waits()],
        flows=["claims", "main"],
        routes={"routes": [{"keywords": ["damage"], "flow": "claims"}, {"keywords": ["main"], "flow": "main"}]},
    )
    conversation.process(wrote("damage"))
    first = conversation.sessions.session

    assert conversation.process(begins(text)) == "waiting"

    session = conversation.sessions.session
    assert first is not None
    assert session is not None
    assert (session.flow, session.session != first.session, conversation.runs[1]["phase"]) == (flow, True, "enter")


def test_what_begins_a_conversation_without_a_session_is_answered_by_the_routes() -> None:
    conversation = FakeConversation([ENDS], routes={"routes": [], "no_match": "Say claim."})
    assert conversation.process(begins("start")) == "ended"
    assert conversation.texts == ["Say claim."]


def test_while_the_customer_cannot_answer_a_button_to_begin_ends_nothing() -> None:
    conversation = FakeConversation([waits(expects=("delivery",)), waits()])
    conversation.process(wrote())
    first = conversation.sessions.session
    conversation.process(begins("start"))
    session = conversation.sessions.session
    assert first is not None
    assert session is not None
    assert session.session == first.session


def test_what_matches_no_route_is_answered() -> None:
    conversation = FakeConversation(
        [ENDS], routes={"routes": [{"keywords": ["claim"], "flow": "claims"}], "no_match": "Say claim."}
    )

    assert conversation.process(wrote("hi")) == "ended"
    assert conversation.texts == ["Say claim."]


def test_a_keyword_starts_its_flow_whatever_its_case() -> None:
    conversation = FakeConversation([waits()], routes={"routes": [{"keywords": ["my claim"], "flow": "claims"}]})

    assert conversation.process(wrote("  My  CLAIM ")) == "waiting"


def test_a_photo_that_opens_a_flow_is_given_to_the_media_node_that_waits_for_it() -> None:
    conversation = FakeConversation([waits("ask_photo", expects=("media",)), ENDS])

    assert conversation.process(sent_photo()) == "ended"
    assert (conversation.runs[1]["at"], conversation.runs[1]["phase"]) == ("ask_photo", "resume")


def test_a_photo_that_opens_a_flow_is_not_forced_upon_a_menu_but_has_its_word() -> None:
    conversation = FakeConversation([waits("choose", expects=("choice", "text")), ENDS])

    assert conversation.process(sent_photo()) == "waiting"
    assert conversation.texts == [FILE_UNUSED]


def test_a_thumb_on_a_message_is_no_answer_to_the_node_that_waits() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())

    assert conversation.process(sent_other("reaction", id="wamid.2")) == "waiting"
    assert len(conversation.runs) == 1


def test_what_a_channel_cannot_show_is_answered_politely_when_no_flow_runs() -> None:
    conversation = FakeConversation([ENDS])
    conversation.sessions.routes["unsupported"] = "I cannot read that."

    assert conversation.process(sent_other("unsupported")) == "ended"
    assert conversation.texts == ["I cannot read that."]


def test_an_undelivered_message_is_noted_and_moves_nothing() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())
    before = conversation.sessions.session
    failed = Delivery("wamid.out", "whatsapp", "106", "1650", "failed", NOW, 131053, "media upload error")

    assert conversation.process(undelivered_event(failed, "c_ann")) == "noted"
    assert conversation.sessions.session == before
    assert conversation.sessions.records["status#wamid.out"]["event"]["code"] == 131053


def test_the_transcript_holds_the_visits_and_the_changed_variables_but_no_address() -> None:
    conversation = FakeConversation([waits(variables={"plate": "B-AB 12"})])
    conversation.process(wrote())

    record = conversation.sessions.records["wamid.1"]
    assert record["variables"] == {"plate": "B-AB 12"}
    assert [visit["node"] for visit in record["visits"]] == ["first"]
    assert "16505551234" not in str(record)
    assert "Ann" not in str(record)


def test_two_workers_cannot_both_save_a_turn() -> None:
    conversation = FakeConversation([waits(), waits()])
    conversation.process(wrote())
    saved = conversation.sessions.session
    assert saved is not None
    conversation.sessions.session = None
    loaded = conversation.sessions.load

    def load_then_lose(key: str, event_id: str, aliases: object):  # type: ignore[no-untyped-def]
        answer = loaded(key, event_id, ())
        conversation.sessions.session = saved
        return answer

    conversation.sessions.load = load_then_lose  # type: ignore[method-assign]
    with pytest.raises(TurnFailed):
        conversation.process(wrote("again", id="wamid.2"))


def test_what_a_timer_carries_names_nobody() -> None:
    """A delayed message outlives an erasure: it holds the conversation's hash, and no address, name or text."""
    conversation = FakeConversation([waits(variables={"plate": "B AB 1234"})])
    conversation.process(wrote())
    (_, event), *_ = conversation.scheduled
    assert set(event) == {"id", "kind", "conversation", "session", "turn", "deadline"}
    assert not [private for private in ("16505551234", "Ann", "hello", "B AB 1234") if private in str(event)]


def test_a_flow_that_was_withdrawn_a_moment_ago_is_looked_for_in_newer_routes() -> None:
    conversation = FakeConversation([waits()], routes={"version": 1, "routes": [{"flow": "withdrawn"}]})
    conversation.sessions.newer = {"version": 2, "routes": [{"flow": "claims"}]}
    assert conversation.process(wrote()) == "waiting"
    session = conversation.sessions.session
    assert session is not None and session.flow == "claims"
    assert session.seen == {"routes": 2, "claims": 1}


def test_a_flow_that_no_newer_routes_replace_ends_with_the_apology() -> None:
    conversation = FakeConversation([ENDS], routes={"routes": [{"flow": "withdrawn"}], "apology": "Sorry."})
    assert conversation.process(wrote()) == "ended"
