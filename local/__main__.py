"""`python -m local up | down | run | status`: the local stack on a person's terminal."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from local.cdk import CdkFailed
from local.connecting import NotConnected
from local.description import FOLDER, Description
from local.emulator.serving import default_environments
from local.fingerprints import fingerprint
from local.processes import ProcessFailed
from local.progress import Terminal
from local.stack import LocalStack

_LOOK_EVERY = 1.0  # seconds


class Busy(RuntimeError):
    """Another command holds the local stack."""


def main() -> int:
    """Do what was asked; the exit code is 0 when it worked, 1 when not, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "run", "status"])
    parser.add_argument(
        "--environments", type=int, default=default_environments(), help="processes per Lambda function, at most"
    )
    parser.add_argument(
        "-c", metavar="KEY=VALUE", dest="said", action="append", default=[], help="what docs/deploy.md says with -c"
    )
    asked = parser.parse_args()
    said = dict(each.partition("=")[::2] for each in asked.said)
    console = Console(highlight=False)
    stack = LocalStack(environments=asked.environments, said=said)
    for sent in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sent, _interrupt)
    try:
        if asked.command == "status":
            return show_status(stack, console)
        with exclusively():
            return {"up": up, "down": down, "run": run}[asked.command](stack, console)
    except (ProcessFailed, CdkFailed, NotConnected, Busy) as problem:
        console.print(f"[bold red]The local stack is not up.[/] {problem}", markup=True, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def up(stack: LocalStack, console: Console) -> int:
    """Start in the background; a stack that runs from the same sources is left alone."""
    running = stack.description()
    if running is None or running.fingerprint != fingerprint():
        running = start(stack, console)
    else:
        console.print("The local stack is already up, and nothing has changed since.")
    show_addresses(running, console)
    console.print("[dim]make down ends it.[/]")
    return 0


def down(stack: LocalStack, console: Console) -> int:
    """End it."""
    was = any(stack.running().values())
    stack.down()
    console.print("The local stack is down." if was else "The local stack was not up.")
    return 0


def run(stack: LocalStack, console: Console) -> int:
    """Start, stay, and end with a Ctrl-C."""
    try:
        show_addresses(start(stack, console), console)
        console.print("[dim]Ctrl-C ends it.[/]")
        while all(stack.running().values()):
            time.sleep(_LOOK_EVERY)
        stopped = [name for name, lives in stack.running().items() if not lives]
        raise ProcessFailed(f"{', '.join(stopped)} stopped by itself; see the logs in {stack.folder}")
    except KeyboardInterrupt:
        if stack.description() is None:
            raise
        return 0  # the ordinary end
    finally:
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sent, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it behind
        stack.down()
        console.print("\nThe local stack is down.")


def start(stack: LocalStack, console: Console) -> Description:
    """Start everything, showing each step."""
    begun = time.monotonic()
    with Terminal(console) as progress:
        description = stack.up(progress)
    console.print(f"[dim]Ready in {time.monotonic() - begun:.0f} s.[/]")
    return description


def show_status(stack: LocalStack, console: Console) -> int:
    """Say which parts live; exit code 0 when all do."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, lives in stack.running().items():
        table.add_row("[green]up[/]" if lives else "[red]down[/]", name)
    console.print(table)
    if description := stack.description():
        show_addresses(description, console)
        return 0
    return 1


def show_addresses(description: Description, console: Console) -> None:
    """Where to look, the handset last and largest."""
    for name, style, value in (
        ("AWS emulator", "dim", description.aws_endpoint_url),
        ("Webhook", "dim", description.webhook_url),
        ("Management API", "dim", description.management_url),
        ("Administrator", "bold", f"{description.admin_user}   password {description.admin_password}"),
        ("Logs", "dim", f"{FOLDER}/*.log"),
        ("Business system", "bold", description.business_url),
    ):
        console.print(f"{name:<17}[{style}]{value}[/]", soft_wrap=True)
    console.print(Panel.fit(f"Chat with it:  [bold cyan]{description.handset_url}[/]", border_style="cyan"))


@contextlib.contextmanager
def exclusively() -> Iterator[None]:
    """Hold the stack's folder for this command; raises Busy when another command has it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("Another `make run`, `make up` or `make down` is at work on it.") from None
        yield


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
