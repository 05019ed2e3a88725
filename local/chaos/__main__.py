"""`python -m local.chaos`: plays a chaos run on the local stack, and prints the faults injected and the verdict.

The exit status is 0 when nothing went wrong and every kind of fault took effect, 1 otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from rich.console import Console
from rich.status import Status
from rich.table import Table

from local.business_api.client import Business
from local.cdk import CdkFailed
from local.channel_setup import HandshakeFailed
from local.chaos.customers import Customer, Plan, make_plans
from local.chaos.faults import KINDS, FaultInjector, Stack
from local.chaos.isolation import DOWN, HANGS, Isolation, play
from local.chaos.verdict import Story, judge
from local.description import Description
from local.processes import ProcessFailed
from local.progress import TerminalProgress
from local.simulator.sample_files import draw_scene
from local.stack import LocalStack

MAX_PROBLEMS_SHOWN = 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.chaos", description=__doc__)
    parser.add_argument("--conversations", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=12, help="conversations that are played at the same time")
    parser.add_argument("--seed", type=int, default=1, help="chooses customers and faults")
    parser.add_argument("--pause", type=float, default=4.0, help="seconds between two faults, at most")
    parser.add_argument("--patience", type=float, default=420.0, help="seconds after which a conversation is stuck")
    parser.add_argument(
        "--longest", type=float, default=300.0, help="seconds in which more are played until every fault took effect"
    )
    parser.add_argument("--uploads", type=int, default=24, help="uploads that meet a host in trouble; 0: none")
    parser.add_argument("--outage", type=float, default=30.0, help="seconds for which that host hangs, then is down")
    arguments = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    local = LocalStack()
    try:
        with local.running_or_started(TerminalProgress(console)) as stack:
            return run(stack, local, arguments, console)
    except (ProcessFailed, CdkFailed, HandshakeFailed) as error:
        console.print(f"[bold red]The local stack is not up.[/] {error}", soft_wrap=True)
        return 1


def run(description: Description, local: LocalStack, arguments: argparse.Namespace, console: Console) -> int:
    """Play the run on this stack and print its result; returns the exit status."""
    business = Business(description.business_url, description.claims_token)
    business.reset()
    emulator = local.emulator.pid
    if emulator is None:
        raise ProcessFailed("the emulator stopped by itself")
    injector = FaultInjector(Stack(description, emulator), arguments.seed, arguments.pause)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        draw_scene("day").save(photo, quality=86)
        plans = make_plans(arguments.seed, Path(folder), photo)
        with injector.running(), console.status("") as status:
            stories = _play_all(plans, description.handset_url, injector, arguments, status)
        verdict = judge(stories, [upload["sha256"] for upload in reversed(business.uploads())])
        isolations = _isolations(business, description.handset_url, photo, arguments) if arguments.uploads else {}
    console.print(_faults_table(injector.injected))
    for problem in verdict.problems[:MAX_PROBLEMS_SHOWN]:
        console.print(f"[red]{problem}[/]")
    for story in [story for story in stories if any(story.number in problem for problem in verdict.problems)]:
        heard = " / ".join(text.partition("\n")[0][:40] for text in story.heard)
        console.print(f"[dim]{story.number}, {story.rounds} rounds, heard: {heard}[/]", soft_wrap=True)
    if injector.missing:
        console.print(f"[red]No effect: {', '.join(injector.missing)}. Allow more time: --longest.[/]")
    for name, played in isolations.items():
        console.print(f"{'' if played.clean else '[red]'}{name}: {played}", soft_wrap=True)
    console.print(f"{time.monotonic() - started:.0f} s, seed {arguments.seed}")
    console.print(str(verdict), soft_wrap=True)
    isolated = all(played.clean for played in isolations.values())
    return 0 if verdict.clean and isolated and not injector.missing else 1


def _isolations(
    business: Business, simulator_url: str, photo: Path, arguments: argparse.Namespace
) -> dict[str, Isolation]:
    """One host in trouble, while customers of flows that do not need it go on; how each kind of trouble went."""
    kinds = {"a host that hangs": HANGS, "a host that is down": DOWN}
    return {
        name: play(business, simulator_url, fault, uploads=arguments.uploads, seconds=arguments.outage, photo=photo)
        for name, fault in kinds.items()
    }


def _play_all(
    plans: Iterator[Plan], simulator_url: str, injector: FaultInjector, arguments: argparse.Namespace, status: Status
) -> list[Story]:
    """Play the conversations, and further ones while a kind of fault has not taken effect yet."""
    started = time.monotonic()
    stories: list[Story] = []
    playing: set[Future[Story]] = set()

    def another() -> bool:
        if len(stories) + len(playing) < arguments.conversations:
            return True
        return bool(injector.missing) and time.monotonic() - started < arguments.longest

    def play(plan: Plan) -> Story:
        return Customer(plan, simulator_url, time.monotonic() + arguments.patience).play()

    with ThreadPoolExecutor(arguments.at_once) as pool:
        while playing or another():
            while len(playing) < arguments.at_once and another():
                playing.add(pool.submit(play, next(plans)))
            ended, playing = wait(playing, return_when=FIRST_COMPLETED)
            stories += [story.result() for story in ended]
            status.update(f"{len(stories)} conversations ended, {len(playing)} under way")
    return stories


def _faults_table(injected: Counter[str]) -> Table:
    table = Table(title="Faults that took effect", title_justify="left")
    table.add_column("kind")
    table.add_column("times", justify="right")
    for kind in KINDS:
        table.add_row(kind, str(injected[kind]) if injected[kind] else "[red]0[/]")
    return table


if __name__ == "__main__":
    sys.exit(main())
