"""The demo's second part: a flow builder at work. A file goes into the library and to a customer; both are changed,
the flow is rolled back; and what each customer then got is shown, with the transcripts of the three conversations."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from chatflow_cli.output import Output
from chatflow_cli.transcripts import show_turn
from local.demo.conversations import expect, require
from local.description import Description
from local.operator import Operator
from local.phone import Phone, sha256

ASSET = "demo-price-list.pdf"
FLOW = "demo-price-list"
STEPS = 8


@dataclass
class Play:
    """Who takes part, and how far they are."""

    operator: Operator
    phone: Phone
    account: str
    console: Console
    done: int = 0

    def tell(self, what: str) -> None:
        self.done += 1
        self.console.print(f"  [green]✓[/] {what}", highlight=False)


def play(stack: Description, samples: Path, assets: Path, console: Console) -> bool:
    """Whether everything came as it should."""
    console.print("\n[bold]A flow builder at work:[/] upload, publish, chat; replace, publish, chat; roll back, chat")
    number = f"4916{int(time.time()) % 100_000_000:08d}"
    taking_part = Play(Operator(stack), Phone(stack.handset_url, number), stack.phone_number_id, console)
    began = time.monotonic()
    files = assets / "what-happens-next.pdf", samples / "Repair estimate (März).pdf"
    _trying(console, _clear_up, taking_part.operator)
    _trying(console, _play, taking_part, *files)
    _trying(console, _clear_up, taking_part.operator)
    went_well = taking_part.done == STEPS
    console.print(f"demo: {taking_part.done} of {STEPS} steps ok, {time.monotonic() - began:.1f} s")
    return went_well


def _trying(console: Console, act: Callable[..., None], *given: Any) -> None:
    """A demo says what went wrong, and goes on."""
    try:
        act(*given)
    except Exception as error:
        console.print(f"  [red]✗ {str(error) or type(error).__name__}[/]", soft_wrap=True, highlight=False)


def _play(play: Play, first: Path, second: Path) -> None:
    operator = play.operator
    expected = operator.post("/assets", filename="Price list.pdf", name=ASSET, size=first.stat().st_size)
    operator.upload(expected["upload"], first.read_bytes())
    asset = _ready(operator, first)
    thumbnail = operator.fetch(asset["thumbnail_url"])
    play.tell(f"uploaded {asset['filename']} ({asset['size']:,} bytes); ready, thumbnail of {len(thumbnail):,} bytes")

    version = _publish(operator, "These are our prices.", "first")
    play.tell(f"published {FLOW} that sends it")
    _say_hello(play)
    sessions = [_chat(play, "These are our prices.", first)]

    expected = operator.post(f"/assets/{ASSET}/uploads", size=second.stat().st_size)
    operator.upload(expected["upload"], second.read_bytes())
    _ready(operator, second)
    _publish(operator, "Our prices are lower now!", "second")
    play.tell("replaced the file, and published the flow with another text")
    sessions.append(_chat(play, "Our prices are lower now!", second))

    rolled = operator.post(f"/flows/{FLOW}/rollback", version=version, note="back to the first text")
    play.tell(f"rolled back: version {version} is live again, as version {rolled['version']}")
    sessions.append(_chat(play, "These are our prices.", second))
    _show(play, sessions)


def _say_hello(play: Play) -> None:
    """A business may begin with a customer only within 24 hours of the customer's last message."""
    play.phone.say("menu")
    play.phone.hear()
    whose = {"channel": "whatsapp", "account": play.account, "contact": play.phone.number}
    conversation = play.operator.post("/conversations/find", **whose)["conversation"]
    play.operator.wait_for(f"/conversations/{conversation}", lambda found: bool(found["session"]["heard_at"]))


def _chat(play: Play, text: str, file: Path) -> dict[str, Any]:
    """The business begins; the customer gets the file and the text. Gives what the API said of the start."""
    started: dict[str, Any] = play.operator.post(
        "/sessions", channel="whatsapp", account=play.account, contact=play.phone.number, flow=FLOW, replace=True
    )
    sent, words = play.phone.hear(2)
    expect([words], text)
    require(sha256(play.phone.download(sent)) == sha256(file.read_bytes()), "the customer got other bytes")
    require(sent["filename"] == "Price list.pdf", f"the customer saw the name {sent['filename']}")
    play.tell(f"the customer got {sent['filename']}, SHA-256 {sha256(file.read_bytes())[:12]} on both ends, “{text}”")
    return started


def _ready(operator: Operator, file: Path) -> dict[str, Any]:
    asset: dict[str, Any] = operator.wait_for(
        f"/assets/{ASSET}",
        lambda found: not found["upload"] or found["upload"]["state"] == "rejected",
    )
    require(asset["sha256"] == sha256(file.read_bytes()), f"the file was not taken: {asset['upload']}")
    return asset


def _publish(operator: Operator, text: str, note: str) -> int:
    """Publish the flow with this text; gives its version."""
    nodes = {
        "list": {
            "type": "media",
            "direction": "outbound",
            "source": {"asset": ASSET},
            "exits": {"sent": "words", "failed": "words"},
        },
        "words": {"type": "text", "say": text, "then": "end"},
    }
    document = {"chatflow": 1, "flow": FLOW, "title": "The price list", "start": "list", "nodes": nodes}
    draft = operator.etag(f"/flows/{FLOW}/draft")
    condition = {"If-Match": draft} if draft else {"If-None-Match": "*"}
    saved = operator.ask("PUT", f"/flows/{FLOW}/draft", json=document, headers=condition)
    seen = {"If-Match": saved.headers["ETag"]}
    return int(operator.ask("POST", f"/flows/{FLOW}/publish", json={"note": note}, headers=seen).json()["version"])


def _show(play: Play, sessions: list[dict[str, Any]]) -> None:
    """The three conversations, as an operator reads them."""
    (conversation,) = {started["conversation"] for started in sessions}
    chats = play.operator.wait_for(
        f"/conversations/{conversation}",
        lambda found: found["session"]["state"] == "ended" and len(found["sessions"]) > len(sessions),
    )["sessions"][: len(sessions)]
    play.console.print("\n[bold]The three transcripts[/]")
    for chat in reversed(chats):
        for turn in play.operator.get(f"/conversations/{conversation}/turns", session=chat["session"])["items"]:
            show_turn(Output(as_json=False), turn)
    play.tell("the transcripts say what was sent, and how it was delivered")


def _clear_up(operator: Operator) -> None:
    """Take away what this demo made, or what one left that was cut off."""
    operator.delete(f"/flows/{FLOW}")
    operator.delete(f"/assets/{ASSET}")
