"""Shows a conversation: the session, and each turn with its event, visited nodes, effects and changed variables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chatflow_cli.formatting import format_list, format_pairs, format_size, format_time, one_line, plural
from chatflow_cli.output import Output

Json = Mapping[str, Any]
_MAXIMUM_VALUE = 200  # characters of a variable's value


def show_conversation(output: Output, conversation: Json) -> None:
    """Print the session, its turns from the oldest to the newest, and a list of earlier sessions."""
    session = conversation["session"]
    waiting = session.get("waiting") or {}
    flow = f"{session['flow']}, version {session.get('version', '')}" if session.get("flow") else ""
    fields = {
        "conversation": conversation["conversation"],
        "on": f"{conversation.get('channel', '')} {conversation.get('account', '')}".strip(),
        "session": session.get("session"),
        "state": session.get("state"),
        "reason": session.get("reason"),
        "flow": flow,
        "at": session.get("at"),
        "waits for": _waiting(waiting),
        "held": _held(session.get("held") or {}),
        "still to send": _owed(session.get("owed") or []),
        "paused": _paused(session.get("paused") or {}),
        "still to do": session.get("pending") or "",
        "started": format_time(session.get("started_at")),
        "changed": format_time(session.get("updated_at")),
        "last heard": format_time(session.get("heard_at")),
        **{f"[[{name}]]": _shorten(value) for name, value in (session.get("variables") or {}).items()},
    }
    output.fields(fields)
    for turn in conversation["turns"]:
        output.print("")
        show_turn(output, turn)
    others = [each for each in conversation.get("sessions") or () if each["session"] != session.get("session")]
    if others:
        output.print("")
        output.print(f"Earlier sessions, shown with --session: {len(others)}", style="dim")
        show_sessions(output, others)
    if conversation.get("sessions_next"):
        output.print(f"Older ones: chatflow sessions past {conversation['conversation']}", style="dim")


def show_sessions(output: Output, sessions: Sequence[Json]) -> None:
    """Print a list of sessions of one conversation."""
    columns = {
        "Session": lambda each: each["session"],
        "Flow": lambda each: each["flow"],
        "State": lambda each: each["state"],
        ">Turns": lambda each: "" if each["turns"] is None else str(each["turns"]),
        "=Started": lambda each: format_time(each["started_at"]),
    }
    output.table(sessions, columns)


def show_turn(output: Output, turn: Json) -> None:
    """Print one turn, or an event that changed nothing."""
    states = {"waiting": f"waits at {turn.get('node')}", "paused": "paused", "ended": "ended"}
    state = states.get(turn.get("state") or "", "")
    heading = (f"Turn {turn.get('turn', '?')}", format_time(turn.get("at")), turn.get("flow"), state)
    output.print("  ".join(one_line(part) for part in heading if part), style="bold")
    output.print(f"  ← {_event(turn.get('event') or {})}", style="cyan")
    for visit in turn.get("visits") or []:
        outcome = f"→ {visit['exit']}" if visit.get("exit") else "waits" if visit.get("waits") else ""
        output.print(f"  {one_line(visit.get('node'))}  {outcome}{_duration(visit)}".rstrip())
        for effect in visit.get("effects") or []:
            output.print(f"      {_effect(effect)}", style="red" if _has_failed(effect) else "")
    for file in turn.get("media") or []:
        output.print(f"  [{_file(file)}]", style="dim")
    for name, change in (turn.get("changes") or {}).items():
        output.print(f"  [[{name}]] = {_shorten(change.get('after'))}", style="dim")
    for problem in _problems(turn):
        output.print(f"  ! {problem}", style="red")


def _waiting(waiting: Json) -> str:
    """What a session waits for, and until when: a wait for time alone expects nothing."""
    if not waiting:
        return ""
    if waiting["expects"] == ["api"]:
        return f"the business's API, next attempt {format_time(waiting['until'])}"
    return f"{format_list(waiting['expects']) or 'a time'}, until {format_time(waiting['until'])}"


def _owed(owed: Sequence[Json]) -> str:
    """The messages that the channel has not taken yet."""
    if not owed:
        return ""
    first = owed[0]
    tried = f"since {format_time(first['since'])}, {first['tries']} attempts: {first['reason']}"
    return f"{len(owed)}; the first of node {first['node']}, {tried}"


def _held(held: Json) -> str:
    """A call that is held because the API is in trouble."""
    if not held:
        return ""
    where = f"call to {held['host']} " if held.get("host") else ""
    return f"{where}{held_in_words(held)}; the last reason: {held['reason']}"


def held_in_words(held: Json) -> str:
    """Since when a call is held, how often it was tried, when it is tried next, and when it is given up."""
    tried = plural(held["tries"], "attempt")
    return f"held since {_moment(held['since'])}, {tried}, next {_moment(held['next'])}, until {_moment(held['until'])}"


def _moment(value: Any) -> str:
    """A time of the API, or of a turn's record: there it is in seconds since the epoch."""
    if isinstance(value, int):
        value = datetime.fromtimestamp(value, UTC).isoformat()
    return format_time(value)


def _paused(paused: Json) -> str:
    if not paused:
        return ""
    kept = paused["kept"]
    messages = f", {kept} {'message' if kept == 1 else 'messages'} since" if kept else ""
    return f"since {format_time(paused['since'])}, until {format_time(paused['until'])}{messages}"


def _event(event: Json) -> str:
    message = event.get("message") or {}
    # An edit is a type and a text: what it says now.
    text = one_line(" ".join(str(message[name]) for name in ("other", "text") if message.get(name)))
    media = message.get("media") or {}
    content = (
        event.get("action") or event.get("verdict"),
        f"“{text}”" if text else "",
        f"[{_file(media)}]" if media else "",
    )
    values = [_shorten(message[name]) for name in ("contacts", "form", "referral") if message.get(name)]
    parts = (one_line(event.get("kind")), *map(one_line, content), format_pairs(message.get("location")), *values)
    return "  ".join(part for part in parts if part)


def _effect(effect: Json) -> str:
    """What was done, its result, and how long it took."""
    call = " ".join(one_line(effect[name]) for name in ("method", "url", "status") if effect.get(name))
    file = _file(effect) if effect.get("sha256") else ""
    attempts = f"{effect['attempts']} attempts" if effect.get("attempts", 1) != 1 else ""
    held = held_in_words(effect["held"]) if effect.get("held") else ""
    parts = (effect.get("effect"), call, file, *_deliveries(effect), attempts, *_reasons(effect), held)
    return "  ".join(one_line(part) for part in parts if part) + _duration(effect)


def _deliveries(effect: Json) -> Iterator[str]:
    for message in effect.get("messages") or []:
        yield " ".join(str(message[name]) for name in ("status", "code", "explanation") if message.get(name))


def _reasons(effect: Json) -> list[str]:
    return [str(effect[name]) for name in ("reason", "failed", "rejected", "skipped", "owed") if effect.get(name)]


def _has_failed(effect: Json) -> bool:
    not_delivered = any(message.get("status") == "failed" for message in effect.get("messages") or [])
    return not_delivered or any(effect.get(name) for name in ("reason", "failed", "rejected"))


def _problems(turn: Json) -> Iterator[str]:
    if turn.get("unreadable"):
        yield str(turn["unreadable"])
    if turn.get("stale"):
        yield "The session had moved on: it changed nothing."
    if turn.get("refused"):
        yield f"Refused: {turn['refused']}"
    if failure := turn.get("failure"):
        yield f"Failed for good, {format_time(failure.get('at'))}: {failure.get('reason')}"


def _file(media: Json) -> str:
    sha256 = media.get("sha256") or ""
    parts = (media.get("filename") or media.get("kind"), media.get("mime"), format_size(media.get("size") or None))
    return format_list([part for part in (*parts, f"SHA-256 {sha256[:12]}…" if sha256 else "") if part])


def _duration(timed: Json) -> str:
    return f"  {timed['milliseconds']} ms" if timed.get("milliseconds") else ""


def _shorten(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return one_line(text if len(text) <= _MAXIMUM_VALUE else f"{text[:_MAXIMUM_VALUE]}… ({len(text)} characters)")
