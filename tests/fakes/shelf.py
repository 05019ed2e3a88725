"""Where versions stand, in memory; it can break down in the middle of its work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatflow.errors import Unavailable
from chatflow.publishing.model import Deploy, Entry, Live, Master, Move
from publish_on_deploy.deploy import World

NOW = 1_760_000_000


class Broke(Exception):
    """The function died here."""


@dataclass
class FakeShelf:
    """Keeps the promises of `chatflow.adapters.dynamodb.versions.Shelf`."""

    versions: dict[str, list[tuple[Entry, Master]]] = field(default_factory=dict)
    lives: dict[str, int] = field(default_factory=dict)

    def live(self, id: str) -> Live | None:
        version = self.lives.get(id)
        return Live(version, self.versions[id][version - 1][1], NOW) if version else None

    def add(self, entry: Entry, master: Master, now: int) -> int:
        self.versions.setdefault(entry.id, []).append((entry, master))
        return len(self.versions[entry.id])

    def move(self, moves: Sequence[Move]) -> None:
        if any(self.lives.get(move.id, 0) != move.was for move in moves):
            raise Unavailable("moved by someone else")
        for move in moves:
            if move.to:
                self.lives[move.id] = move.to
            else:
                del self.lives[move.id]

    def publish_through_the_api(self, entry: Entry) -> None:
        self.lives[entry.id] = self.add(entry, "api", NOW)


@dataclass
class FakeDeploys:
    deploy: Deploy = field(default_factory=Deploy)

    def last(self) -> Deploy:
        return Deploy.from_json(self.deploy.to_json())

    def save(self, deploy: Deploy) -> None:
        self.deploy = deploy

    def forget(self) -> None:
        self.deploy = Deploy()


@dataclass
class Publisher:
    """A world for deploys. `breaks_after` is how many writes succeed before the function dies; None: all."""

    shelf: FakeShelf = field(default_factory=FakeShelf)
    deploys: FakeDeploys = field(default_factory=FakeDeploys)
    files: list[str] = field(default_factory=list)
    breaks_after: int | None = None

    @property
    def world(self) -> World:
        return World(_Breaking(self, self.shelf), _Breaking(self, self.deploys), self._keep, lambda: NOW)  # type: ignore[arg-type]

    def write(self) -> None:
        if self.breaks_after is not None:
            if self.breaks_after == 0:
                raise Broke
            self.breaks_after -= 1

    def _keep(self, entry: Entry) -> None:
        self.write()
        self.files.append(entry.file)


class _Breaking:
    def __init__(self, publisher: Publisher, real: object) -> None:
        self._publisher, self._real = publisher, real

    def __getattr__(self, name: str) -> object:
        method = getattr(self._real, name)
        if name in ("live", "last"):
            return method

        def call(*arguments: object) -> object:
            self._publisher.write()
            return method(*arguments)

        return call


def flow(name: str, text: str) -> Entry:
    """A flow whose content is this text."""
    return Entry("flow", name, f"hash of {text}", {"flow": name, "title": text}, {"start": {"nodes": {}}})
