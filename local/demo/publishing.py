"""The demo's second part: a flow builder at work.

A file goes into the asset library and to a customer. Then file and flow are changed, and the flow is rolled back. The
demo checks what each customer received and shows the transcripts of the three conversations.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from chatflow_cli.output import Output
from chatflow_cli.transcripts import show_turn
from local.business_api.client import sha256
from local.demo.conversations import expect, require
from local.description import Description
from local.management_client import ManagementClient
from local.whatsapp_simulator.phone import Phone

ASSET = "demo-price-list.pdf"
FLOW = "demo-price-list"
STEPS = 8


@dataclass
class DemoRun:
    """The participants, and the number of completed steps."""

    management: ManagementClient
    phone: Phone
    account: str
    console: Console
    completed: int = 0

    def report_step(self, text: str) -> None:
        self.completed += 1
        self.console.print(f"  [green]✓[/] {text}", highlight=False)


def play(stack: Description, samples: Path, assets: Path, console: Console) -> bool:
    """Play all steps; returns whether every step succeeded."""
    console.print("\n[bold]A flow builder at work:[/] upload, publish, chat; replace, publish, chat; roll back, chat")
    number = f"4916{int(time.time()) % 100_000_000:08d}"
    run = DemoRun(ManagementClient(stack), Phone(stack.handset_url, number), stack.phone_number_id, console)
    started = time.monotonic()
    files = assets / "what-happens-next.pdf", samples / "Repair estimate (März).pdf"
    _report_errors(console, _clean_up, run.management)
    _report_errors(console, _play_steps, run, *files)
    _report_errors(console, _clean_up, run.management)
    console.print(f"demo: {run.completed} of {STEPS} steps ok, {time.monotonic() - started:.1f} s")
    return run.completed == STEPS


def _report_errors(console: Console, function: Callable[..., None], *arguments: Any) -> None:
    """Call the function and print its error, so that the demo continues."""
    try:
        function(*arguments)
    except Exception as error:
        console.print(f"  [red]✗ {str(error) or type(error).__name__}[/]", soft_wrap=True, highlight=False)


def _play_steps(run: DemoRun, first: Path, second: Path) -> None:
    management = run.management
    announced = management.post("/assets", filename="Price list.pdf", name=ASSET, size=first.stat().st_size)
    management.upload(announced["upload"], first.read_bytes())
    asset = _wait_until_ready(management, first)
    thumbnail = management.fetch(asset["thumbnail_url"])
    run.report_step(
        f"uploaded {asset['filename']} ({asset['size']:,} bytes); ready, thumbnail of {len(thumbnail):,} bytes"
    )

    version = _publish(management, "These are our prices.", "first")
    run.report_step(f"published {FLOW} that sends it")
    _open_window(run)
    sessions = [_chat(run, "These are our prices.", first)]

    announced = management.post(f"/assets/{ASSET}/uploads", size=second.stat().st_size)
    management.upload(announced["upload"], second.read_bytes())
    _wait_until_ready(management, second)
    _publish(management, "Our prices are lower now!", "second")
    run.report_step("replaced the file, and published the flow with another text")
    sessions.append(_chat(run, "Our prices are lower now!", second))

    rollback = management.post(f"/flows/{FLOW}/rollback", version=version, note="back to the first text")
    run.report_step(f"rolled back: version {version} is live again, as version {rollback['version']}")
    sessions.append(_chat(run, "These are our prices.", second))
    _show_transcripts(run, sessions)


def _open_window(run: DemoRun) -> None:
    """Let the customer write first: a business may start a session only within 24 hours of the last message."""
    run.phone.say("menu")
    run.phone.receive()
    contact = {"channel": "whatsapp", "account": run.account, "contact": run.phone.number}
    conversation = run.management.post("/conversations/find", **contact)["conversation"]
    run.management.wait_for(f"/conversations/{conversation}", lambda found: bool(found["session"]["heard_at"]))


def _chat(run: DemoRun, text: str, file: Path) -> dict[str, Any]:
    """Start a session for the business and check the file and the text that the customer receives.

    Returns the API's answer about the started session.
    """
    started: dict[str, Any] = run.management.post(
        "/sessions", channel="whatsapp", account=run.account, contact=run.phone.number, flow=FLOW, replace=True
    )
    document, reply = run.phone.receive(2)
    expect([reply], text)
    digest = sha256(file.read_bytes())
    require(sha256(run.phone.download(document)) == digest, "the customer got other bytes")
    require(document["filename"] == "Price list.pdf", f"the customer saw the name {document['filename']}")
    run.report_step(f"the customer got {document['filename']}, SHA-256 {digest[:12]} on both ends, “{text}”")
    return started


def _wait_until_ready(management: ManagementClient, file: Path) -> dict[str, Any]:
    """The asset once its upload was processed; raises DemoFailed when it was rejected."""
    asset: dict[str, Any] = management.wait_for(
        f"/assets/{ASSET}",
        lambda found: not found["upload"] or found["upload"]["state"] == "rejected",
    )
    require(asset["sha256"] == sha256(file.read_bytes()), f"the file was not taken: {asset['upload']}")
    return asset


def _publish(management: ManagementClient, text: str, note: str) -> int:
    """Publish the flow with this text; returns its version."""
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
    etag = management.etag(f"/flows/{FLOW}/draft")
    condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
    draft = management.request("PUT", f"/flows/{FLOW}/draft", json=document, headers=condition)
    condition = {"If-Match": draft.headers["ETag"]}
    published = management.request("POST", f"/flows/{FLOW}/publish", json={"note": note}, headers=condition)
    return int(published.json()["version"])


def _show_transcripts(run: DemoRun, sessions: list[dict[str, Any]]) -> None:
    """Print the three conversations as an operator reads them."""
    (conversation,) = {session["conversation"] for session in sessions}
    ended = run.management.wait_for(
        f"/conversations/{conversation}",
        lambda found: found["session"]["state"] == "ended" and len(found["sessions"]) > len(sessions),
    )["sessions"][: len(sessions)]
    run.console.print("\n[bold]The three transcripts[/]")
    for session in reversed(ended):
        turns = run.management.get(f"/conversations/{conversation}/turns", session=session["session"])["items"]
        for turn in turns:
            show_turn(Output(as_json=False), turn)
    run.report_step("the transcripts say what was sent, and how it was delivered")


def _clean_up(management: ManagementClient) -> None:
    """Delete what this demo created, or what an interrupted one left."""
    management.delete(f"/flows/{FLOW}")
    management.delete(f"/assets/{ASSET}")
