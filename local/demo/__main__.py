"""Plays the conversations one after the other and prints what each side got."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.demo.conversations import PLAYED, Stage, Transfer
from local.handset.sample_files import make_samples
from local.phone import Business, Phone

ROOT = Path(__file__).parents[2]
STACK = Path(os.environ.get("CHATFLOW_STACK", ROOT / ".local" / "stack.json"))
SAMPLES = ROOT / ".local" / "samples"


def main() -> int:
    console = Console()
    if not STACK.exists():
        console.print("The local stack is not running. Start it with [bold]make up[/], then try again.")
        return 2
    stack = json.loads(STACK.read_text())
    samples = _samples()
    table = _table()
    well = 0
    for number, (title, play) in enumerate(PLAYED.items()):
        stage = Stage(
            phone=Phone(stack["handset_url"], f"4915500{number:05d}"),
            business=Business(stack["business_url"], stack["claims_token"]),
            samples=samples,
            assets=ROOT / "flows" / "assets",
        )
        stage.business.reset()
        began = time.monotonic()
        problem = ""
        with console.status(f"{title} ..."):
            try:
                play(stage)
            except Exception as error:  # a demo shows every conversation, also after one that failed
                problem = str(error) or type(error).__name__
        intact = not problem and all(transfer.intact for transfer in stage.transfers)
        well += intact
        _show(table, title, stage.transfers, problem, time.monotonic() - began)
    console.print(table)
    console.print(f"demo: {well} of {len(PLAYED)} conversations ok")
    return 0 if well == len(PLAYED) else 1


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
