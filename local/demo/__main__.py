"""Plays the demo's conversations and prints the hashes on both ends; then plays the work of a flow builder."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.business_api.client import Business
from local.cdk import CdkFailed
from local.channel_setup import HandshakeFailed
from local.demo import publishing
from local.demo.conversations import CONVERSATIONS, ConversationContext, Transfer, require
from local.description import Description
from local.processes import ProcessFailed
from local.progress import TerminalProgress
from local.simulator.sample_files import make_samples
from local.stack import LocalStack
from local.unanswered_files import unanswered_files
from local.whatsapp_simulator.phone import Phone

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / ".local" / "samples"


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 150)
    table = _table()
    try:
        with LocalStack().running_or_started(TerminalProgress(console)) as stack:
            passed = sum(_play(stack, index, title, console, table) for index, title in enumerate(CONVERSATIONS))
            console.print(table)
            console.print(f"demo: {passed} of {len(CONVERSATIONS)} conversations ok")
            published = publishing.play(stack, _samples(), ROOT / "flows" / "assets", console)
    except (ProcessFailed, CdkFailed, HandshakeFailed) as error:
        console.print(f"[bold red]The local stack is not up.[/] {error}", soft_wrap=True)
        return 1
    return 0 if published and passed == len(CONVERSATIONS) else 1


def _play(stack: Description, index: int, title: str, console: Console, table: Table) -> bool:
    # The simulator remembers conversations, so every demo uses new phone numbers.
    phone = Phone(stack.handset_url, f"4915{int(time.time()) % 10_000_000:07d}{index:02d}")
    business = Business(stack.business_url, stack.claims_token)
    context = ConversationContext(phone, business, _samples(), ROOT / "flows" / "assets")
    business.reset()
    started = time.monotonic()
    problem = ""
    with console.status(f"{title} ..."):
        try:
            CONVERSATIONS[title](context)
            unanswered = unanswered_files(phone.chat(), [upload["sha256"] for upload in business.uploads()])
            require(not unanswered, f"nobody took or answered the files {', '.join(each[:12] for each in unanswered)}")
        except Exception as error:  # the demo continues with the next conversation
            problem = str(error) or type(error).__name__
    _add_rows(table, title, context.transfers, problem, time.monotonic() - started)
    return not problem and all(transfer.intact for transfer in context.transfers)


def _samples() -> Path:
    if not (SAMPLES / "made").exists():
        SAMPLES.mkdir(parents=True, exist_ok=True)
        make_samples(SAMPLES)
        (SAMPLES / "made").touch()
    return SAMPLES


def _table() -> Table:
    table = Table(title="What went through, and its SHA-256 on both ends", title_justify="left")
    for column in ("conversation", "way", "file", "kind"):
        table.add_column(column, overflow="fold")
    table.add_column("bytes", justify="right")
    for column in ("left as", "arrived as", ""):
        table.add_column(column, no_wrap=True)
    table.add_column("seconds", justify="right")
    return table


def _add_rows(table: Table, title: str, transfers: list[Transfer], problem: str, seconds: float) -> None:
    duration = f"{seconds:.1f}"
    for transfer in transfers:
        way = "customer → API" if transfer.direction == "in" else "→ customer"
        result = "[green]same[/]" if transfer.intact else "[red]DIFFERS[/]"
        hashes = transfer.sent_sha256[:12], transfer.received_sha256[:12]
        table.add_row(title, way, transfer.name, transfer.kind, f"{transfer.size:,}", *hashes, result, duration)
        title = duration = ""
    if problem:
        table.add_row(title, "", f"[red]{problem}[/]", "", "", "", "", "[red]FAILED[/]", duration)
    table.add_section()


if __name__ == "__main__":
    sys.exit(main())
