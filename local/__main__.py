"""`python -m local up | down | run | status`: starts, stops and shows the local stack on a terminal."""

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
from local.channel_setup import HandshakeFailed
from local.deployment import source_fingerprint
from local.description import FOLDER, Description
from local.emulator.process import default_environments
from local.processes import ProcessFailed
from local.progress import TerminalProgress
from local.stack import LocalStack

_CHECK_INTERVAL = 1.0  # seconds


class StackLocked(RuntimeError):
    """Another command is changing the local stack."""


def main() -> int:
    """Run one command; the exit code is 0 on success, 1 on failure, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "run", "status"])
    parser.add_argument(
        "--environments", type=int, default=default_environments(), help="maximum of processes per Lambda function"
    )
    parser.add_argument(
        "-c", metavar="KEY=VALUE", dest="context", action="append", default=[], help="CDK context, see docs/deploy.md"
    )
    arguments = parser.parse_args()
    context = dict(each.partition("=")[::2] for each in arguments.context)
    console = Console(highlight=False)
    stack = LocalStack(environments=arguments.environments, context=context)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        if arguments.command == "status":
            return show_status(stack, console)
        with stack_lock():
            return {"up": up, "down": down, "run": run}[arguments.command](stack, console)
    except (ProcessFailed, CdkFailed, HandshakeFailed, StackLocked) as error:
        console.print(f"[bold red]The local stack is not up.[/] {error}", markup=True, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def up(stack: LocalStack, console: Console) -> int:
    """Start in the background; a running stack is replaced only when a source has changed."""
    running = stack.description()
    if running is None or running.fingerprint != source_fingerprint():
        running = start(stack, console)
    else:
        console.print("The local stack is already up, and nothing has changed since.")
    show_addresses(running, console)
    console.print("[dim]make down ends it.[/]")
    return 0


def down(stack: LocalStack, console: Console) -> int:
    """Stop the stack."""
    was_running = any(stack.running().values())
    stack.down()
    console.print("The local stack is down." if was_running else "The local stack was not up.")
    return 0


def run(stack: LocalStack, console: Console) -> int:
    """Start, stay in the foreground, and stop at a Ctrl-C."""
    try:
        show_addresses(start(stack, console), console)
        console.print("[dim]Ctrl-C ends it.[/]")
        while all(stack.running().values()):
            time.sleep(_CHECK_INTERVAL)
        stopped = [name for name, is_running in stack.running().items() if not is_running]
        raise ProcessFailed(f"{', '.join(stopped)} stopped by itself; see the logs in {stack.folder}")
    except KeyboardInterrupt:
        if stack.description() is None:
            raise
        return 0  # a Ctrl-C is the normal way to stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the shutdown
        stack.down()
        console.print("\nThe local stack is down.")


def start(stack: LocalStack, console: Console) -> Description:
    """Start everything, showing each step."""
    started = time.monotonic()
    with TerminalProgress(console) as progress:
        description = stack.up(progress)
    console.print(f"[dim]Ready in {time.monotonic() - started:.0f} s.[/]")
    return description


def show_status(stack: LocalStack, console: Console) -> int:
    """Show which processes run; the exit code is 0 when all do."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, is_running in stack.running().items():
        table.add_row("[green]up[/]" if is_running else "[red]down[/]", name)
    console.print(table)
    if description := stack.description():
        show_addresses(description, console)
        return 0
    return 1


def show_addresses(description: Description, console: Console) -> None:
    """Print all addresses: the web console with its user first, the chat pages last."""
    entry = f"Web console:  [bold cyan]{description.console_url}[/]\n"
    entry += f"User:         [bold]{description.admin_user}[/]\nPassword:     [bold]{description.admin_password}[/]"
    console.print(Panel.fit(entry, border_style="cyan"))
    for name, style, value in (
        ("AWS emulator", "dim", description.aws_endpoint_url),
        ("Webhook", "dim", description.webhook_url),
        ("Management API", "dim", description.management_url),
        ("Logs", "dim", f"{FOLDER}/*.log"),
        ("Business system", "bold", description.business_url),
    ):
        console.print(f"{name:<17}[{style}]{value}[/]", soft_wrap=True)
    chats = f"Chat on WhatsApp:  [bold cyan]{description.handset_url}[/]\n"
    chats += f"Chat on Telegram:  [bold cyan]{description.telegram_url}[/]"
    console.print(Panel.fit(chats, border_style="cyan"))


@contextlib.contextmanager
def stack_lock() -> Iterator[None]:
    """Lock the stack's folder for this command; raises StackLocked when another command holds the lock."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackLocked("Another `make run`, `make up` or `make down` is at work on it.") from None
        yield


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
