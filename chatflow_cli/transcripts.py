"""A conversation as a person reads it: what came in, which nodes ran, what they did, what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chatflow_cli.screen import Screen
from chatflow_cli.wording import listing, one_line, pairs, size, when

Told = Mapping[str, Any]
_LONGEST = 200  # characters of a variable's value


def show(screen: Screen, conversation: Told) -> None:
    """The whole of it, the oldest turn first."""
    session = conversation["session"]
    waiting = session.get("waiting") or {}
    facts = {
        "conversation": conversation["conversation"],
        "on": f"{conversation.get('channel', '')} {conversation.get('account', '')}".strip(),
        "session": session.get("session"),
        "state": session.get("state"),
        "flow": f"{session.get('flow', '')}, version {session.get('version', '')}",
        "at": session.get("at"),
        "waits for": f"{listing(waiting['expects'])}, until {when(waiting['until'])}" if waiting else "",
        "still to do": session.get("pending") or "",
        "started": when(session.get("started_at")),
        "changed": when(session.get("updated_at")),
        "last heard": when(session.get("heard_at")),
        **{f"[[{name}]]": _short(value) for name, value in (session.get("variables") or {}).items()},
    }
    screen.facts(facts)
    for each in conversation["turns"]:
        screen.say("")
        turn(screen, each)
    earlier = len(conversation.get("sessions") or ()) - 1
    if earlier > 0:
        screen.say("")
        screen.say(f"Earlier sessions, shown with --session: {earlier}", style="dim")
        past = [each for each in conversation["sessions"] if each["session"] != session.get("session")]
        columns = {
            "Session": lambda each: each["session"],
            "Flow": lambda each: each["flow"],
            "State": lambda each: each["state"],
            ">Turns": lambda each: str(each["turns"]),
            "=Started": lambda each: when(each["started_at"]),
        }
        screen.table(past, columns)


def turn(screen: Screen, told: Told) -> None:
    """One turn, or an event that changed nothing."""
    after = {"waiting": f"waits at {told.get('node')}", "ended": "ended"}.get(told.get("state") or "", "")
    head = (f"Turn {told.get('turn', '?')}", when(told.get("at")), told.get("flow"), after)
    screen.say("  ".join(one_line(each) for each in head if each), style="bold")
    screen.say(f"  ← {_event(told.get('event') or {})}", style="cyan")
    for visit in told.get("visits") or []:
        outcome = f"→ {visit['exit']}" if visit.get("exit") else "waits" if visit.get("waits") else ""
        screen.say(f"  {one_line(visit.get('node'))}  {outcome}{_took(visit)}".rstrip())
        for effect in visit.get("effects") or []:
            screen.say(f"      {_effect(effect)}", style="red" if _went_wrong(effect) else "")
    for file in told.get("media") or []:
        screen.say(f"  [{_file(file)}]", style="dim")
    for name, change in (told.get("changes") or {}).items():
        screen.say(f"  [[{name}]] = {_short(change.get('after'))}", style="dim")
    for words in _troubles(told):
        screen.say(f"  ! {words}", style="red")


def _event(event: Told) -> str:
    message = event.get("message") or {}
    text = one_line(message.get("text") or message.get("other"))
    media = message.get("media") or {}
    about = (event.get("action"), f"“{text}”" if text else "", f"[{_file(media)}]" if media else "")
    place = pairs(message.get("location"))
    return "  ".join(each for each in (one_line(event.get("kind")), *map(one_line, about), place) if each)


def _effect(effect: Told) -> str:
    """What was done, and how it ended."""
    call = " ".join(one_line(effect[name]) for name in ("method", "url", "status") if effect.get(name))
    file = _file(effect) if effect.get("sha256") else ""
    tries = f"{effect['attempts']} attempts" if effect.get("attempts", 1) != 1 else ""
    about = (effect.get("effect"), call, file, *_deliveries(effect), tries, *_reasons(effect))
    return "  ".join(one_line(each) for each in about if each) + _took(effect)


def _deliveries(effect: Told) -> Iterator[str]:
    for message in effect.get("messages") or []:
        yield " ".join(str(message[name]) for name in ("status", "code", "explanation") if message.get(name))


def _reasons(effect: Told) -> list[str]:
    return [str(effect[name]) for name in ("reason", "failed", "rejected", "skipped") if effect.get(name)]


def _went_wrong(effect: Told) -> bool:
    failed = any(message.get("status") == "failed" for message in effect.get("messages") or [])
    return failed or any(effect.get(name) for name in ("reason", "failed", "rejected"))


def _troubles(told: Told) -> Iterator[str]:
    if told.get("stale"):
        yield "The session had moved on: it changed nothing."
    if told.get("refused"):
        yield f"Refused: {told['refused']}"
    if failure := told.get("failure"):
        yield f"Failed for good, {when(failure.get('at'))}: {failure.get('reason')}"


def _file(media: Told) -> str:
    sha256 = media.get("sha256") or ""
    about = (media.get("filename") or media.get("kind"), media.get("mime"), size(media.get("size") or None))
    return listing([each for each in (*about, f"SHA-256 {sha256[:12]}…" if sha256 else "") if each])


def _took(told: Told) -> str:
    return f"  {told['milliseconds']} ms" if told.get("milliseconds") else ""


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return one_line(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)")
