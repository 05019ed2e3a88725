"""Plays the conversations one after the other and prints what each side got; then a flow builder's work."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.cdk import CdkFailed
from local.connecting import NotConnected
from local.demo import library
from local.demo.conversations import PLAYED, Stage, Transfer
from local.description import Description
from local.phone import Business, Phone
from local.processes import ProcessFailed
from local.progress import Terminal
from local.stack import LocalStack
from local.whatsapp_simulator.sample_files import make_samples

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / ".local" / "samples"


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 150)
    table = _table()
    try:
        with _stack(console) as stack:
            well = sum(_play(stack, number, title, console, table) for number, title in enumerate(PLAYED))
            console.print(table)
            console.print(f"demo: {well} of {len(PLAYED)} conversations ok")
            built = library.play(stack, _samples(), ROOT / "flows" / "assets", console)
    except (ProcessFailed, CdkFailed, NotConnected) as problem:
        console.print(f"[bold red]The local stack is not up.[/] {problem}", soft_wrap=True)
        return 1
    return 0 if built and well == len(PLAYED) else 1


@contextmanager
def _stack(console: Console) -> Iterator[Description]:
    """The stack that runs; else one of the demo's own, which ends with it."""
    local = LocalStack()
    running = local.description()
    if running:
        yield running
        return
    try:
        yield local.up(Terminal(console))
    finally:
        local.down()


def _play(stack: Description, number: int, title: str, console: Console, table: Table) -> bool:
    # A number that no earlier demo used: a handset remembers its conversations.
    phone = Phone(stack.handset_url, f"4915{int(time.time()) % 10_000_000:07d}{number:02d}")
    business = Business(stack.business_url, stack.claims_token)
    stage = Stage(phone, business, _samples(), ROOT / "flows" / "assets")
    business.reset()
    began = time.monotonic()
    problem = ""
    with console.status(f"{title} ..."):
        try:
            PLAYED[title](stage)
        except Exception as error:  # a demo shows every conversation, also after one that failed
            problem = str(error) or type(error).__name__
    _show(table, title, stage.transfers, problem, time.monotonic() - began)
    return not problem and all(transfer.intact for transfer in stage.transfers)


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


def _show(table: Table, title: str, transfers: list[Transfer], problem: str, seconds: float) -> None:
    spent = f"{seconds:.1f}"
    for each in transfers:
        way = "customer → API" if each.direction == "in" else "→ customer"
        mark = "[green]same[/]" if each.intact else "[red]DIFFERS[/]"
        table.add_row(
            title, way, each.name, each.kind, f"{each.size:,}", each.left[:12], each.arrived[:12], mark, spent
        )
        title = spent = ""
    if problem:
        table.add_row(title, "", f"[red]{problem}[/]", "", "", "", "", "[red]FAILED[/]", spent)
    table.add_section()


if __name__ == "__main__":
    sys.exit(main())
