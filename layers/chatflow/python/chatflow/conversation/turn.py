"""The decisions of a turn: which runs of the state machine an event needs, and what each run makes of the session.

Pure: `Turn.next_run` says what to run next, and `Turn.apply` takes its result. The function `conversation` runs it.
All work that a turn has left is in the session or in the turn's inbox, so that a turn can stop between any two runs.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

from chatflow.conversation import owed, undelivered
from chatflow.conversation.early_files import files_of, has_unused_files, take_early, with_notice
from chatflow.conversation.event_guards import SESSION_RUNNING, is_awaited_verdict, is_refused_start
from chatflow.conversation.events import (
    CONTINUE,
    DELIVERY,
    OPERATOR,
    SCAN,
    START,
    STATUS,
    TIMEOUT,
    Event,
    continue_event,
    message_of,
)
from chatflow.conversation.file_answers import Answer, answer_to_file, has_word, unused_text
from chatflow.conversation.flow_start import started
from chatflow.conversation.giving_up import at_target, give_up_target
from chatflow.conversation.held_calls import wait_state_again
from chatflow.conversation.held_messages import TOO_MANY_HELD, with_held
from chatflow.conversation.late_files import may_resume, with_timeout
from chatflow.conversation.pause import STORE_FILE, apply_pause
from chatflow.conversation.present_question import OLD_OPTION, is_old_tap
from chatflow.conversation.routing import flow_after, flow_for, flow_or_text, leave_route
from chatflow.conversation.run import Run
from chatflow.conversation.session import ROUTES, Session, sensitive_variables
from chatflow.conversation.time_waits import answer_in_time_wait, is_passed_over
from chatflow.conversation.turn_limits import FLOWS_PER_TURN, MAX_CONTINUES, TOO_MANY_CONTINUES, TOO_MANY_TIME_WAITS
from chatflow.conversation.wait_begin import begin_wait, first_word, waits_too_often
from chatflow.messages import UNAVAILABLE, WELCOME, IncomingMessage

# Kinds of entries that a turn adds to its own inbox, beside events. Sessions store them in `pending`.
_SEND_TEXT = "say"  # a text of the routes, such as the answer to `stop`
_START_FLOW = "begin"  # the flow that follows such a text
_OPENING_FILE = "opening"  # the file that started a flow


class Turn:
    """One event's turn. `session` is always the session to save now."""

    def __init__(self, event: Event, session: Session | None, routes: dict[str, Any], now: int) -> None:
        """`now` is in seconds since the epoch. The event guards must have let the event pass."""
        before = session or Session(
            event["conversation"], event["channel"], event["account"], event["contact"], since=now, past_listed=True
        )
        if message := message_of(event):
            last_message_at = max(before.last_message_at, min(message.at, now))
            # A number that the person hides now is still theirs: flows and their APIs know them by it.
            contact = before.contact if event.get("hidden") and before.contact else event["contact"]
            known = {"contact": contact, "name": event.get("name", "")}
            before = replace(before, **known, last_message_at=last_message_at, undelivered=0, time_waits=0)
        self.event = event
        pause = apply_pause(event, before, routes, now)
        before = pause.session
        # Variables end with their session; the transcript has its own retention.
        if not before.running and not may_resume(before, message, now):
            before = replace(before, variables={}, sensitive=())
        self.session = replace(before.having_seen(ROUTES, routes.get("version", 0)), turn=before.turn + 1, pending=())
        self._inbox: deque[Event] = deque(before.pending)
        self.flow_to_start = ""  # the turn needs this flow's live version before anything else
        self.gives_up_node = False  # the turn needs the exits of the session's node before anything else
        self.refused = ""  # why the event itself came to nothing
        self._routes = routes
        self._now = now
        self._latest = now  # the time of the last run's end
        self.given_up: list[dict[str, Any]] = []  # records of owed messages that were given up
        # Work left from an earlier turn runs under the same event whichever event comes first, so that its effects get
        # the same keys and are recognised.
        unfinished = before.state == "continuing" or bool(before.pending)
        self._run_event: Event = (
            continue_event(before.conversation, before.session, before.turn) if unfinished else event
        )
        self._asked: tuple[str, ...] | None = None  # the messages that asked what the next run may ask again
        self._wait_state: dict[str, Any] | None = None  # of a node that asks again and counts no attempt for it
        self._file_unanswered = False  # the last run was given a file; nobody took it or said anything about it
        self._flows = 0
        self._continues = int(event.get("continues", 0))
        self._same_wait: tuple[str, int] = ("", 0)  # the node that is asking again, and since which visit it waits
        self._inbox.extend(pause.inbox)
        if pause.done:
            self.refused = pause.refused
        else:
            self._accept(event, unfinished)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        ready = self._inbox or self.flow_to_start or self.gives_up_node or self._owed_is_due
        return self.session.state != "continuing" and not ready

    def next_run(self) -> Run | None:
        """The next run; None when the next inbox entry needs no run.

        An owed message that is due comes before everything newer. Must not be called while `flow_to_start` or
        `gives_up_node` is set.
        """
        if self._owed_is_due:
            return self._deliver()
        if self.session.state == "continuing":
            return Run(with_notice(self._run_event, self.session), wait_state=self._wait_state)
        return self._process(self._inbox.popleft())

    def start_flow(self, version: dict[str, Any]) -> None:
        """Start `flow_to_start`: the session is now one of this version."""
        self.session = started(self.session, version, self._run_event, self._now)
        self.flow_to_start = ""

    def end_unpublished(self) -> None:
        """End the session with the apology: the flow, or the session's version of it, is not published."""
        self.flow_to_start, self.gives_up_node = "", False
        self._end(text=self._routes.get("apology", ""))

    def leave_node(self, node: dict[str, Any]) -> None:
        """Leave the published node that an operator gave up on, by the first exit that `give_up_target` finds."""
        self.gives_up_node = False
        self._release_held()
        target = give_up_target(node)
        if target is None or target == "end":
            self._end(text=self._routes.get("apology", "") if target is None else "")
        else:
            self.session = at_target(self.session, node, target)
            self.flow_to_start = target["flow"] if isinstance(target, dict) else ""

    def apply(self, result: dict[str, Any], now: int, *, files_ahead: bool = False) -> None:
        """Apply the state machine's result of a run of the flow. `now` is in seconds since the epoch.

        `files_ahead`: after the node that waits, the flow may ask for a file.
        """
        session = replace(
            self.session,
            variables=result["variables"],
            visits=int(result["visits"]),  # an expression may write 3 as 3.0
            waiting=None,
            sensitive=tuple(sorted({*self.session.sensitive, *sensitive_variables(result["trail"])})),
        )
        self._latest, status = now, result["status"]
        if has_word(result["trail"]):
            self._file_unanswered = False
        if status == "waiting" and not waits_too_often(session, result):
            session = begin_wait(session, result, now, self._asked, self._same_wait, files_ahead=files_ahead)
            self.session, early = take_early(session)
            self._inbox.extendleft(early)
            self._send_text(first_word(session, result, self._routes, file_unanswered=self._file_unanswered))
            self._file_unanswered = False
        elif status in ("deferred", "another_slice"):
            slice = result.get("slice", session.slice)
            self.session = replace(session, state="continuing", node=result["at"], slice=slice)
        elif status == "another_flow" and self._flows < FLOWS_PER_TURN:
            self._flows += 1
            self.session = replace(session, state="continuing")
            self.flow_to_start = result["flow"]
        else:
            self.session = session
            self.refused = TOO_MANY_TIME_WAITS if status == "waiting" else self.refused
            self._end(text="" if status == "ended" else self._routes.get("apology", ""))
        self._asked, self._wait_state, self._same_wait = None, None, ("", 0)

    def apply_text(self, result: dict[str, Any]) -> None:
        """Apply the result of a run beside the flow: its visits count, nothing else changes."""
        self.session = replace(self.session, visits=int(result["visits"]))

    def owe(self, visits: list[dict[str, Any]], nodes: dict[str, Any], *, window: int, now: int) -> None:
        """Take what the visits of a run owe out of their records, before the run's result is applied."""
        self.session = owed.with_owed(self.session, visits, nodes, window=window, now=now)

    def apply_delivery(self, record: dict[str, Any], now: int) -> None:
        """Apply the result of a run that only tried the first owed message: the record of its one visit."""
        self._latest = now
        self.session, event = owed.after_attempt(self.session, record, now)
        self._inbox.extendleft(event)

    def defer(self) -> None:
        """Keep the remaining work in the session, for the `continue` event: the budget is spent."""
        if self._file_unanswered:
            self._say_file_unused()
        self.session = replace(self.session, pending=tuple(self._inbox))

    @property
    def unfinished(self) -> bool:
        """Whether a `continue` event must follow."""
        return self.session.state == "continuing" or bool(self.session.pending)

    @property
    def next_event(self) -> Event:
        """The `continue` event that must follow an unfinished turn."""
        session = self.session
        return continue_event(session.conversation, session.session, session.turn, self._continues + 1)

    def _accept(self, event: Event, unfinished: bool) -> None:
        """Put the event behind what is pending, but an operator's action before it.

        A pending entry may be what fails each time: then nothing behind it would ever be reached.
        """
        if event["kind"] == START and event.get("replace"):
            self._stop()
        if event["kind"] == OPERATOR:
            self._act_for_operator(event, unfinished)
        elif "fence" in event:  # it came before everything that is pending
            self._inbox.appendleft(event)
        elif event["kind"] != CONTINUE:
            self._inbox.append(event)
        elif self._continues > MAX_CONTINUES and self.session.state == "continuing":
            self.refused = TOO_MANY_CONTINUES
            self._end(text=self._routes.get("apology", ""))

    def postpone_delivery(self, now: int) -> None:
        """Go on without the first owed message, because the run that tried it failed. It must not block the events."""
        self._latest = now
        self.session = owed.postponed(self.session, now)

    @property
    def _owed_is_due(self) -> bool:
        """An operator's action comes before an owed message, too: sending it may be what fails each time."""
        return self.event["kind"] != OPERATOR and owed.is_due(self.session, self._latest)

    def _deliver(self) -> Run | None:
        """The run that sends the first owed message; None when it was given up instead, because its time is over."""
        message = self.session.owed[0]
        if self._latest < message.expires_at(self.session.last_message_at):
            return Run(self._run_event, phase="deliver", owed=message)
        self.given_up.append(owed.record_of_given_up(message))
        self.session, event = owed.after_delivery(self.session, self._latest, failure=owed.UNAVAILABLE)
        self._inbox.extendleft(event)
        return None

    def _act_for_operator(self, event: Event, unfinished: bool) -> None:
        if event["action"] == "stop":
            self._stop()
            self.session = replace(self.session, owed=())
        elif event["action"] == "give_up" and self.session.node and wait_state_again(self.session, "give_up") is None:
            self._run_event = event
            self.gives_up_node = True
        elif self.session.node and (event["action"] == "give_up" or (event["action"] == "retry" and not unfinished)):
            self._release_held()
            self._ask_again(wait_state_again(self.session, event["action"]))

    def _stop(self) -> None:
        """End the session and drop everything that is pending."""
        self._file_unanswered = bool(files_of(self._inbox))
        self._inbox.clear()
        self._end()
        self.session = replace(self.session, timed_out=None)

    def _process(self, event: Event) -> Run | None:
        if event["kind"] == _SEND_TEXT:
            return Run(self._run_event, text=event["say"])
        if event["kind"] == STORE_FILE:
            return Run(event["event"], phase="resume", stores_file=True)
        if event["kind"] == _START_FLOW:
            self.flow_to_start = event["flow"]
            return None
        if event["kind"] == _OPENING_FILE:
            message = message_of(event["event"])
            return self._process_file(message, event["event"], opened=True) if message else None
        self._run_event = event
        if message := message_of(event):
            return self._process_message(message, event)
        if is_refused_start(event, self.session):
            self.refused = SESSION_RUNNING
        elif event["kind"] == START:
            self._end()
            self.flow_to_start = event["flow"]
        elif event["kind"] == DELIVERY:
            return self._resume(event) if owed.is_awaited_delivery(event, self.session) else None
        elif event["kind"] == TIMEOUT and self.session.waiting:
            if self.session.waiting.deadline != event["deadline"]:
                return None  # the question was delivered meanwhile
            if self.session.waiting.own_deadline:
                return self._resume(event)
            self.session = with_timeout(self.session, event, self._now)
            self._time_out()
        elif event["kind"] in (SCAN, STATUS):
            return self._process_report(event)
        return None

    def _process_report(self, event: Event) -> Run | None:
        """A scanner's verdict that the session waits for, or an undelivered message that the flow wants to know of."""
        if event["kind"] == SCAN:
            return self._resume(event) if is_awaited_verdict(event, self.session) else None
        watched, waiting = undelivered.watched_by(self.session, event), self.session.waiting
        if watched and waiting and not waiting.for_the_customer:  # a file comes first: its verdict, or its delivery
            self._hold(event)
        elif watched:
            self._release_held()
            self.session, self.flow_to_start = undelivered.leave(self.session, watched, event)
            if watched["to"] == "end":
                self._end()
        return None

    def _process_message(self, message: IncomingMessage, event: Event) -> Run | None:
        waiting = self.session.waiting
        if message.quiet or (message.other == WELCOME and waiting) or is_passed_over(event, message, waiting):
            return None
        if route := leave_route(self._routes, message, asked=bool(waiting and waiting.for_an_answer)):
            present = self.session.flow if self.session.state == "waiting" else ""
            if flow := flow_after(route, present or flow_for(self._routes, message)):
                self._inbox.appendleft({"kind": _START_FLOW, "flow": flow})
            self._end(text=route.say)
            self.session = replace(self.session, timed_out=None)
        elif message.media:
            return self._process_file(message, event)
        elif waiting and waiting.for_time:
            return self._take(answer_in_time_wait(self.session, event, message, self._routes), event)
        elif waiting and not waiting.for_the_customer:
            self._hold(event)
        elif waiting and ((old := is_old_tap(message, waiting)) or message.other == UNAVAILABLE):
            self.refused = OLD_OPTION if old else self.refused
            self._ask_again(wait_state=waiting.wait_state)  # no attempt is used
        elif self.session.state == "waiting":
            return self._resume(event)
        else:
            self._process_first_message(message)
        return None

    def _process_file(self, message: IncomingMessage, event: Event, *, opened: bool = False) -> Run | None:
        answer = answer_to_file(self.session, event, message, self._routes, self._latest, opened=opened)
        return self._take(answer, event)

    def _take(self, answer: Answer, event: Event) -> Run | None:
        self.session, self.refused = answer.session, answer.refused or self.refused
        self._send_text(answer.text)
        if answer.next == "start":
            self.flow_to_start = answer.flow
            self._inbox.appendleft({"kind": _OPENING_FILE, "event": event})
        if answer.next == "store":
            return Run(event, phase="resume", stores_file=True)
        return self._resume(event) if answer.next == "resume" else None

    def _process_first_message(self, message: IncomingMessage) -> None:
        """Start the flow of the routes, or answer with one of their texts."""
        self.session = replace(self.session, timed_out=None)
        self.flow_to_start, text = flow_or_text(self._routes, message)
        self._send_text(text)

    def _hold(self, event: Event) -> None:
        held = with_held(self.session, event)
        self.session, self.refused = held or self.session, "" if held else TOO_MANY_HELD

    def _release_held(self) -> None:
        """Put held messages before everything that is still to be applied: they were sent earlier."""
        self._inbox.extendleft(reversed(self.session.held))
        self.session = replace(self.session, held=())

    def _resume(self, event: Event) -> Run:
        self._release_held()
        self._run_event = event
        waiting = self.session.waiting
        self._file_unanswered = bool(files_of([event])) or (waiting is not None and waiting.for_a_scan)
        self.session = with_timeout(self.session, event, self._now)
        self._asked = waiting.message_ids if waiting else None
        self._same_wait = (self.session.node, waiting.since) if waiting else ("", 0)
        self.session = replace(self.session, slice=self.session.slice_to_resume)
        return Run(with_notice(event, self.session), phase="resume", wait_state=waiting.wait_state if waiting else {})

    def _ask_again(self, wait_state: dict[str, Any] | None = None) -> None:
        """Enter the session's node anew: whatever it asks is asked once more.

        With its `wait_state`, a node goes on with the attempts that it has counted, and counts none for this.
        """
        self._wait_state = wait_state
        waiting = self.session.waiting
        self._asked = waiting.message_ids if waiting else None
        self._same_wait = (self.session.node, waiting.since) if waiting else ("", 0)
        session = owed.without_question(self.session)
        self.session = replace(session, state="continuing", slice=session.slice_to_resume, waiting=None)

    def _time_out(self) -> None:
        if self.session.on_timeout:
            node = self.session.on_timeout
            self.session = replace(self.session, state="continuing", slice=node, node=node, waiting=None, on_timeout="")
        else:
            self._end()

    def _end(self, text: str = "") -> None:
        self._asked = self._wait_state = None
        if (self._file_unanswered and not text) or (self.session.state != "ended" and has_unused_files(self.session)):
            self._say_file_unused()
        self._file_unanswered = False
        self.session = replace(self.session, state="ended", waiting=None, node="", held=(), early=())
        self._send_text(text)

    def _send_text(self, text: str) -> None:
        if text:
            self._inbox.appendleft({"kind": _SEND_TEXT, "say": text})

    def _say_file_unused(self) -> None:
        self._file_unanswered = False
        self._send_text(unused_text(self._routes))
