"""A conversation in virtual time whose business's API is in trouble: real turns and rules, the API plays a script."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from chatflow.errors import HostBusy, HostOpen, InDoubt, TooSlow, Unavailable
from chatflow.integrations.holding import longest_hold
from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.media.retention import kept_until
from chatflow.messages import IncomingMedia
from chatflow.nodes.contract import Visit
from chatflow.nodes.ports import Answer, Call
from tests.fakes.owing_world import WorkerDied, World, WorldPorts, asks_for_a_photo, text
from tests.fakes.turns import NOW

# What the API does with one call.
TAKES, FAILS, LIMITS, UNREACHABLE, HANGS, TAKES_AND_HANGS, NO_SLOT, OPEN, GARBAGE, DIES, TAKES_AND_DIES = (
    *("takes it", "answers 503", "answers 429", "cannot be reached", "hangs", "takes it and hangs"),
    *("no slot is free", "its breaker is open", "answers 200 with garbage", "the worker dies", "takes it, worker dies"),
)
TROUBLE = (FAILS, LIMITS, UNREACHABLE, HANGS, TAKES_AND_HANGS, NO_SLOT, OPEN, DIES, TAKES_AND_DIES)


@dataclass
class FakeApi:
    """Takes files, or does what `script` says, call by call; afterwards what `then` says, until `up_at`."""

    script: list[str] = field(default_factory=list)
    then: str = TAKES
    up_at: float = 0
    calls: list[tuple[float, str, str]] = field(default_factory=list)  # time, Idempotency-Key, what it did
    files: dict[str, str] = field(default_factory=dict)  # Idempotency-Key, name of the file
    taken_at: list[float] = field(default_factory=list)

    def answer(self, key: str, name: str, now: float) -> Answer:
        does = self.script.pop(0) if self.script else TAKES if now >= self.up_at else self.then
        self.calls.append((now, key, does))
        if does in (TAKES, TAKES_AND_HANGS, TAKES_AND_DIES):
            if key not in self.files:
                self.taken_at.append(now)
            self.files[key] = name
        if does in (DIES, TAKES_AND_DIES):
            raise WorkerDied
        if error := {
            UNREACHABLE: Unavailable("refused"),
            HANGS: TooSlow("no answer"),
            TAKES_AND_HANGS: InDoubt("cut"),
            NO_SLOT: HostBusy("full"),
            OPEN: HostOpen("open"),
        }.get(does):
            raise error
        if does == GARBAGE:
            return Answer(200, {}, b"<html>We will be back soon.</html>")
        status = {FAILS: 503, LIMITS: 429}.get(does, 200)
        return Answer(status, {"retry-after": "7"} if does == LIMITS else {}, b'{"id": "F-1"}')


class OutagePorts(WorldPorts):
    def __init__(self, visit: Visit, world: OutageWorld) -> None:
        super().__init__(visit, world)
        self.visit, self.world = visit, world
        self.clock = lambda: int(world.now * 1000)

    def call_api(self, effect: str, call: Call) -> Answer:
        """The call, once for each visit; what is in doubt is repeated."""
        own = self.visit.effect_key(effect)
        if own not in self.world.answers:
            name = ", ".join(part.file.filename for part in call.parts if part.file)
            self.world.answers[own] = self.world.api.answer(call.key or own, name, self.world.now)
        return self.world.answers[own]

    def receive_file(self, media: IncomingMedia, profile: Profile) -> MediaReference:
        """Files are called after the order in which they came."""
        number = list(dict.fromkeys([*self.world.stored, media.id])).index(media.id)
        self.world.stored.append(media.id)
        kept = kept_until(self.world.kept_days, int(self.world.now))
        return replace(super().receive_file(media, profile), filename=f"photo-{number + 1}.jpg", kept_until=kept)

    def hold_seconds(self, hold_for: int, files: Iterable[MediaReference]) -> int:
        """On a channel with a window of a day."""
        return longest_hold(
            hold_for,
            int(self.world.now),
            window=86_400,
            last_message_at=self.visit.conversation.last_message_at,
            kept_until=[file.kept_until for file in files],
        )


@dataclass
class OutageWorld(World):
    """One customer, whose photos are uploaded."""

    kept_days: int = 30

    def __post_init__(self) -> None:
        super().__post_init__()
        self.api = FakeApi()
        self.answers: dict[str, Answer] = {}
        self.stored: list[str] = []

    def ports(self, visit: Visit) -> OutagePorts:
        return OutagePorts(visit, self)

    def down(self, does: str, *, until: float) -> None:
        """From now on each call meets this, until so many seconds after the world's beginning."""
        self.api.then, self.api.up_at = does, NOW + until


def uploads(then: str = "end", *, seconds: int = 0, say: str = "Please wait", hold: bool = True, **exits: str) -> Any:
    integration = {
        "name": "upload", "method": "POST", "url": "https://api.example.com/files", "headers": {}, "query": {},
        "request": {"content_type": "multipart/form-data", "parts": [{"name": "file", "file": "[[photo]]"}]},
        "response": {"base_element": "$"}, "timeout": 20.0, "retry": {"attempts": 3},
    }  # fmt: skip
    config = {"integration": integration, "parameters": {}, "save_as": "claim", "values": []}
    config |= {"hold": {"seconds": seconds, "say": say}} if hold else {}
    exits = {"failure": "sorry", **exits}
    return {
        "type": "api_integration",
        "seconds": 60,
        "waits": False,
        "config": config,
        "exits": {"success": then, **exits},
    }


def one_photo(**upload: Any) -> dict[str, Any]:
    return {
        "first": asks_for_a_photo("Photo?", "upload"),
        "upload": uploads("thanks", **upload),
        "thanks": text("Thank you"),
        "sorry": text("Sorry"),
    }


def two_photos() -> dict[str, Any]:
    return {
        "first": asks_for_a_photo("Photo 1?", "upload"),
        "upload": uploads("second"),
        "second": asks_for_a_photo("Photo 2?", "again"),
        "again": uploads("thanks"),
        "thanks": text("Thank you"),
        "sorry": text("Sorry"),
    }
