"""`python -m local.chaos`: plays a chaos run on the local stack, and prints the faults injected and the verdict.

Each stage prints a line when it begins and as it goes on, and ends by its own time at the latest. The exit status is 0
when nothing went wrong and every kind of fault took effect, 1 otherwise.
"""

from __future__ import annotations

import argparse
import functools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.business_api.client import Business
from local.cdk import CdkFailed
from local.channel_setup import HandshakeFailed
from local.chaos import busy_number, isolation
from local.chaos.customers import Customer, Plan, make_plans
from local.chaos.faults import KINDS, FaultInjector, Stack
from local.chaos.isolation import DOWN, HANGS, Say
from local.chaos.verdict import Story, Verdict, judge
from local.description import Description
from local.processes import ProcessFailed
from local.progress import TerminalProgress
from local.simulator.sample_files import draw_scene
from local.stack import LocalStack

MAX_PROBLEMS_SHOWN = 30
TELL_SECONDS = 15.0  # between two lines on how far the conversations are


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.chaos", description=__doc__)
    parser.add_argument("--conversations", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=12, help="conversations that are played at the same time")
    parser.add_argument("--seed", type=int, default=1, help="chooses customers and faults")
    parser.add_argument("--pause", type=float, default=4.0, help="seconds between two faults, at most")
    parser.add_argument(
        "--patience", type=float, default=420.0, help="seconds after which a conversation, a file or an answer is stuck"
    )
    parser.add_argument(
        "--longest", type=float, default=300.0, help="seconds in which more are played until every fault took effect"
    )
    parser.add_argument("--uploads", type=int, default=24, help="uploads that meet a host in trouble; 0: none")
    parser.add_argument("--outage", type=float, default=30.0, help="seconds for which that host hangs, then is down")
    parser.add_argument(
        "--environments",
        type=int,
        default=8,
        help="turns at once of a stack that is started for this run; half of them may be inside calls to the business",
    )
    parser.add_argument("--busy", type=int, default=24, help="customers of a number that is over its rate; 0: none")
    parser.add_argument("--rate", type=int, default=2, help="messages a second that this number may send")
    arguments = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    local = LocalStack(environments=arguments.environments)
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
    started = time.monotonic()

    def say(text: str, style: str = "") -> None:
        console.print(f"{time.monotonic() - started:4.0f} s  {text}", style=style, soft_wrap=True)

    injector = FaultInjector(Stack(description, emulator), arguments.seed, arguments.pause)
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        draw_scene("day").save(photo, quality=86)
        say(f"{arguments.conversations} conversations, and {len(KINDS)} kinds of faults")
        plans = make_plans(arguments.seed, Path(folder), photo)
        with injector.running():
            stories = _play_all(plans, description.handset_url, injector, arguments, say)
        verdict = judge(stories, [upload["sha256"] for upload in reversed(business.uploads())])
        _show_verdict(stories, verdict, injector, console)
        clean = [verdict.clean, not injector.missing]
        for name, play in _troubles(description, business, photo, arguments, say).items():
            say(name)
            played = play()
            say(f"{name}: {played}", style="" if played.clean else "red")
            clean.append(played.clean)
    say(f"seed {arguments.seed}")
    console.print(str(verdict), soft_wrap=True)
    return 0 if all(clean) else 1


def _show_verdict(stories: list[Story], verdict: Verdict, injector: FaultInjector, console: Console) -> None:
    console.print(_faults_table(injector.injected))
    for problem in verdict.problems[:MAX_PROBLEMS_SHOWN]:
        console.print(f"[red]{problem}[/]")
    for story in [story for story in stories if any(story.number in problem for problem in verdict.problems)]:
        heard = " / ".join(text.partition("\n")[0][:40] for text in story.heard)
        console.print(f"[dim]{story.number}, {story.rounds} rounds, heard: {heard}[/]", soft_wrap=True)
    if injector.missing:
        console.print(f"[red]No effect: {', '.join(injector.missing)}. Allow more time: --longest.[/]")


Trouble = Callable[[], isolation.Isolation | busy_number.BusyNumber]


def _troubles(
    description: Description, business: Business, photo: Path, arguments: argparse.Namespace, say: Say
) -> dict[str, Trouble]:
    """Each trouble that customers must not notice who have nothing to do with it, by its name in the report."""
    troubles: dict[str, Trouble] = {}
    if arguments.uploads:
        for name, fault in {"a host that hangs": HANGS, "a host that is down": DOWN}.items():
            troubles[name] = functools.partial(
                isolation.play,
                business,
                description.handset_url,
                fault,
                uploads=arguments.uploads,
                seconds=arguments.outage,
                photo=photo,
                patience=arguments.patience,
                say=say,
            )
    if arguments.busy:
        troubles["a number over its rate"] = functools.partial(
            busy_number.play,
            description,
            customers=arguments.busy,
            per_second=arguments.rate,
            patience=arguments.patience,
            say=say,
        )
    return troubles


def _play_all(
    plans: Iterator[Plan], simulator_url: str, injector: FaultInjector, arguments: argparse.Namespace, say: Say
) -> list[Story]:
    """Play the conversations, and further ones while a kind of fault has not taken effect yet.

    Faults are injected until the last one has begun.
    """
    started = time.monotonic()
    told = started
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
            if not another():  # who is under way still has to come to an end, which further faults would put off
                injector.stop()
            ended, playing = wait(playing, TELL_SECONDS, return_when=FIRST_COMPLETED)
            stories += [story.result() for story in ended]
            if not playing or time.monotonic() > told + TELL_SECONDS:
                told = time.monotonic()
                effect = f"{len(KINDS) - len(injector.missing)} of {len(KINDS)} kinds of faults took effect"
                say(f"{len(stories)} conversations ended, {len(playing)} under way, {effect}")
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
