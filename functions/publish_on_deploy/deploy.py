"""Walks one order of CloudFormation: publish, go back to what was live before, or withdraw."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatflow.publishing.model import Deploy, Entry, Live, Master, Move, Published
from publish_on_deploy.changes import changes, steps_back, withdrawals


class Shelf(Protocol):
    def live(self, id: str) -> Live | None: ...
    def add(self, entry: Entry, master: Master, now: int) -> int: ...
    def move(self, moves: Sequence[Move]) -> None: ...


class Deploys(Protocol):
    def last(self) -> Deploy: ...
    def save(self, deploy: Deploy) -> None: ...
    def forget(self) -> None: ...


@dataclass(frozen=True)
class World:
    """What publishing needs of the world. `clock` is in seconds since the epoch."""

    shelf: Shelf
    deploys: Deploys
    keep_file: Callable[[Entry], None]
    clock: Callable[[], float] = time.time


def publish(wanted: Sequence[Entry], identity: str, request: str, world: World, *, take_over: bool) -> list[str]:
    """Publish what changed, and give the ids of it. Raises Refused when the API is master of something that changed.

    An order that came before and was carried out changes nothing; one that was cut off is taken back first.
    """
    last = world.deploys.last()
    if last.request == request and last.done:
        return []
    if not last.done:
        last = _step_back(last, world)
    live = _live([*(entry.id for entry in wanted), *last.entries], world)
    entries = dict(last.entries)
    moves = []
    for change in changes(wanted, last, live, take_over=take_over):
        version = 0
        if change.entry is not None:
            if change.entry.file:
                world.keep_file(change.entry)
            version = world.shelf.add(change.entry, "deploy", int(world.clock()))
            entries[change.id] = Published(version, change.entry.hash)
        moves.append(Move(change.id, to=version, was=change.was))
    still = {entry.id for entry in wanted}
    deploy = Deploy(
        identity=identity,
        request=request,
        done=False,
        entries={id: made for id, made in entries.items() if id in still},
        before={move.id: move.was for move in moves},
        previous_identity=last.identity,
        previous_entries=last.entries,
    )
    # The way back is written down before anything goes live: a crash in between can then be undone.
    world.deploys.save(deploy)
    world.shelf.move(moves)
    world.deploys.save(deploy.finished())
    return [move.id for move in moves]


def roll_back(identity: str, failed: str, world: World) -> None:
    """Bring back what was live before the deploy `failed`, if it ever came as far as to publish."""
    last = world.deploys.last()
    if not last.done or (last.identity, last.previous_identity) == (failed, identity):
        _step_back(last, world)


def withdraw(world: World) -> None:
    """Nothing that a deploy published is live any more; sessions that run go on with their versions."""
    last = world.deploys.last()
    world.shelf.move(withdrawals(last, _live(last.entries, world)))
    world.deploys.forget()


def _step_back(deploy: Deploy, world: World) -> Deploy:
    world.shelf.move(steps_back(deploy, _live(deploy.before, world)))
    before = deploy.undone()
    world.deploys.save(before)
    return before


def _live(ids: Iterable[str], world: World) -> dict[str, Live | None]:
    return {id: world.shelf.live(id) for id in ids}
