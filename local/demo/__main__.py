"""Plays the demo's conversations and prints the hashes on both ends; then plays the work of a flow builder."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
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
from local.simulator.phone import Phone
from local.simulator.sample_files import make_samples
from local.stack import LocalStack
from local.unanswered_files import unanswered_files

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / ".local" / "samples"

# The channels of the demo, and the address of each one's simulator.
CHANNELS: dict[str, Callable[[Description], str]] = {
    "WhatsApp": lambda stack: stack.handset_url,
    "Telegram": lambda stack: stack.telegram_url,
}


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 150)
    try:
        with LocalStack().running_or_started(TerminalProgress(console)) as stack:
            played = [passed for channel in CHANNELS for passed in _play_all(stack, channel, console)]
            console.print(f"demo: {sum(played)} of {len(played)} conversations ok")
            published = publishing.play(stack, _samples(), ROOT / "flows" / "assets", console)
    except (ProcessFailed, CdkFailed, HandshakeFailed) as error:
        console.print(f"[bold red]The local stack is not up.[/] {error}", soft_wrap=True)
        return 1
    return 0 if published and all(played) else 1


def _play_all(stack: Description, channel: str, console: Console) -> list[bool]:
    """Play every conversation on one channel, and show what went through."""
    table = _table(channel)
    # The simulators remember conversations, so every demo uses new customers.
    first = int(f"4915{int(time.time()) % 10_000_000:07d}00")
    phones = {title: Phone(CHANNELS[channel](stack), str(first + index)) for index, title in enumerate(CONVERSATIONS)}
    passed = [_play(stack, phone, title, console, table) for title, phone in phones.items()]
    console.print(table)
    return passed


def _play(stack: Description, phone: Phone, title: str, console: Console, table: Table) -> bool:
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


def _table(channel: str) -> Table:
    table = Table(title=f"{channel}: what went through, and its SHA-256 on both ends", title_justify="left")
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
