"""A conversation as a person reads it: what came in, which nodes ran, what went out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chatflow_cli.screen import Screen
from chatflow_cli.wording import one_line, size, when

Turn = Mapping[str, Any]
_LONGEST = 300  # characters of a variable's value


def identity(turn: Turn) -> Any:
    return (turn.get("session"), turn.get("turn"), turn.get("event_id") or turn.get("id"))


def show(screen: Screen, conversation: Mapping[str, Any]) -> None:
    """The whole of it, the oldest turn first."""
    session = conversation.get("session") or {}
    screen.facts(
        {
            "conversation": conversation.get("conversation"),
            "state": session.get("state"),
            "flow": f"{session.get('flow', '')} version {session.get('version', '')}" if session else "",
            "at": session.get("at"),
            "started": when(session.get("started_at")),
            "changed": when(session.get("updated_at")),
        }
    )
    for each in conversation.get("turns") or []:
        screen.say("")
        turn(screen, each)


def turn(screen: Screen, record: Turn) -> None:
    """One turn."""
    screen.say(f"Turn {record.get('turn', '?')}  {when(record.get('at'))}", style="bold")
    event = record.get("event") or {}
    screen.say(f"  ← {event.get('kind', '')} {_said(event)}".rstrip(), style="cyan")
    for visit in record.get("visits") or []:
        _visit(screen, visit)
    for name, value in (record.get("changes") or record.get("set") or {}).items():
        screen.say(f"    [[{name}]] = {_short(value)}", style="dim")
    if record.get("error") or record.get("failure"):
        screen.say(f"  ! {record.get('error') or record.get('failure')}", style="red")


def _said(event: Mapping[str, Any]) -> str:
    message = event.get("message") or {}
    if not isinstance(message, Mapping):
        return one_line(message)
    media = message.get("media") or event.get("media")
    words = one_line(message.get("text") or message.get("choice") or event.get("text") or "")
    return " ".join(each for each in (_quoted(words), _file(media) if isinstance(media, Mapping) else "") if each)


def _visit(screen: Screen, visit: Mapping[str, Any]) -> None:
    exit_name = visit.get("exit")
    waits = visit.get("wait") or visit.get("waits")
    after = f"→ {exit_name}" if exit_name else "waits" if waits else ""
    screen.say(f"  {visit.get('node', '')} ({visit.get('type', '')})  {after}".rstrip())
    for effect in visit.get("effects") or []:
        screen.say(f"    {_effect(effect)}", style="red" if _failed(effect) else "")


def _effect(effect: Mapping[str, Any]) -> str:
    """A send or a call: what it was and how it ended."""
    kind = effect.get("kind") or effect.get("effect") or ""
    words = _quoted(one_line(effect.get("text") or effect.get("body") or ""))
    media = effect.get("media")
    file = _file(media) if isinstance(media, Mapping) else ""
    call = f"{effect.get('method', '')} {effect.get('url', '')}".strip()
    outcome = one_line(effect.get("delivery") or effect.get("status") or effect.get("outcome") or "")
    seconds = effect.get("seconds")
    took = f"{seconds:.2f} s" if isinstance(seconds, (int, float)) else ""
    reason = one_line(effect.get("reason") or "")
    return "  ".join(each for each in (f"→ {kind}", call, words, file, outcome, took, reason) if each)


def _failed(effect: Mapping[str, Any]) -> bool:
    return bool(effect.get("reason")) or effect.get("delivery") == "failed"


def _file(media: Mapping[str, Any]) -> str:
    about = (media.get("filename") or media.get("kind") or "file", size(media.get("size")), media.get("caption"))
    return f"[{', '.join(one_line(each) for each in about if each)}]"


def _quoted(words: str) -> str:
    return f"“{words}”" if words else ""


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
