"""The customers of a chaos run: each asks for a flow, sends its files, and does what the business's messages say."""

from __future__ import annotations

import hashlib
import itertools
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx

from local.chaos.verdict import SentFile, Story
from local.simulator.phone import NoReply
from local.unanswered_files import unanswered_files
from local.whatsapp_simulator.phone import Phone

Manner = Literal["one by one", "twice", "album", "early"]
# one by one: each file after the question for it; twice: the same, and the channel delivers each message three times;
# album: all at once; early: the first file at the same moment as the keyword, so that it may overtake it.
MANNERS: tuple[Manner, ...] = ("one by one", "twice", "album", "early")
MAX_COMMENTS = 7  # segments of a photo that make it larger, and different from all others
_COMMENT_BYTES = 60_000

# The keywords of two example flows, with the beginnings of their questions and of their closing message.
KEYWORDS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("file", ("Send me one file", "Thank you, ")),
    3: (
        "files",
        ("Send me the first of three", "Got it. Now the second", "And the third", "Thank you, all three have arrived"),
    ),
}
# Texts of the example flows and their routes: the customer is asked to begin again, or told that a message had no use.
_BEGIN_AGAIN = ("That did not work", "Sorry, something went wrong")
# A menu does not know the keyword: an early file started the flow of the last route, before the keyword came.
_OTHER_FLOW = "Please tap one of these"
_LEAVE = "stop"
# What is said of a file that a session ended without, or that its flow has no use for.
_FILE_UNUSED = "A file that you sent was not used"
# The answer to a file that could not be fetched or read: the customer sends it again.
_SEND_AGAIN = "I could not open that file"
_NOT_TAKEN = (
    *_BEGIN_AGAIN,
    "Sorry, I did not understand",
    "Sorry, I cannot read",
    _FILE_UNUSED,
    _OTHER_FLOW,
    _SEND_AGAIN,
)
_MAX_ROUNDS = 8
_POLL_SECONDS = 2.0
# A message that is in doubt twice is not sent a third time (decision 3): its customer hears nothing, and begins again.
SILENCE_SECONDS = 100.0


@dataclass(frozen=True)
class Plan:
    """What one customer will do; `files` are one or three."""

    number: str
    files: tuple[Path, ...]
    manner: Manner


def make_plans(seed: int, folder: Path, photo: Path) -> Iterator[Plan]:
    """Plans of customers, without end. Every file is a photo of its own, of up to 500 KB."""
    chance = random.Random(seed)  # the same seed plays the same customers  # noqa: S311  # nosec B311
    start = int(time.time()) % 10_000_000
    for index in itertools.count():
        number = f"4916{start:07d}{index:03d}"
        files = []
        for part in range(chance.choice((1, 3))):
            file = folder / f"{number}-{part + 1}.jpg"
            file.write_bytes(with_comments(photo.read_bytes(), file.name, chance.randint(1, MAX_COMMENTS)))
            files.append(file)
        yield Plan(number, tuple(files), chance.choice(MANNERS))


def with_comments(jpeg: bytes, text: str, count: int) -> bytes:
    """The same picture with this many comment segments after its first marker."""
    comment = text.encode().ljust(_COMMENT_BYTES, b".")
    return jpeg[:2] + (b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment) * count + jpeg[2:]


@dataclass
class Customer:
    """Plays one plan on the WhatsApp simulator, and records what the phone heard.

    `deadline` is the time.monotonic() at which the customer stops waiting.
    """

    plan: Plan
    simulator_url: str
    deadline: float
    _heard: list[str] = field(default_factory=list)
    _rounds: int = 0
    _silences: int = 0
    _answered: set[str] = field(default_factory=set)  # questions of this round for which the file was sent
    _times_sent: dict[Path, int] = field(default_factory=dict)
    _heard_before: dict[Path, int] = field(default_factory=dict)  # messages heard when the file was sent last

    def __post_init__(self) -> None:
        self._phone = Phone(self.simulator_url, self.plan.number)
        self._keyword, self._expected = KEYWORDS[len(self.plan.files)]
        self._file_for = dict(zip(self._expected, self.plan.files, strict=False))

    def play(self) -> Story:
        """Do what each message says until the closing one, or until the deadline."""
        self._begin()
        question, finished = "", False
        heard_at = time.monotonic()
        while not finished and self._rounds <= _MAX_ROUNDS and time.monotonic() < self.deadline:
            text = self._listen()
            silent = time.monotonic() > heard_at + SILENCE_SECONDS
            if text or silent:
                heard_at = time.monotonic()
            if silent and not text:
                self._silences += 1
                self._phone.say_in_order(_LEAVE)
                self._begin()
            if text.startswith(_OTHER_FLOW):
                self._phone.say_in_order(_LEAVE)  # else the keyword may overtake it, and leave the other flow open
            if text.startswith((*_BEGIN_AGAIN, _OTHER_FLOW)):
                self._begin()
            if text.startswith(_SEND_AGAIN) and question:
                self._send([self._file_for[question]])
            if heard := next((known for known in self._expected if text.startswith(known)), ""):
                question, finished = heard, heard == self._expected[-1]
                self._answer(question)
        self._listen()  # one more, if there is one that should not be
        return self._story(finished)

    def _begin(self) -> None:
        """Write the keyword; in the first round as early as the plan says, later with nothing else."""
        self._rounds += 1
        self._answered.clear()
        if self.plan.manner == "early" and self._rounds == 1:
            self._answered.add(self._expected[0])
            with ThreadPoolExecutor(2) as both:
                keyword = both.submit(self._phone.say, self._keyword)
                both.submit(self._send, [self.plan.files[0]]).result()
                keyword.result()
        else:
            self._phone.say(self._keyword)

    def _answer(self, question: str) -> None:
        """Send the file of this question, unless that was done; a customer with an album sends all files at once."""
        if question in self._answered or question not in self._file_for:
            return
        if self.plan.manner == "album" and self._rounds == 1:
            self._answered.update(self._file_for)
            self._send(list(self.plan.files))
        else:
            self._answered.add(question)
            self._send([self._file_for[question]])

    def _send(self, files: list[Path]) -> None:
        for file in files:
            self._times_sent[file] = self._times_sent.get(file, 0) + 1
            self._heard_before[file] = len(self._heard)
        for message in self._phone.send(*files, kind="image"):
            if self.plan.manner == "twice":
                body = {"wamid": message["wamid"], "times": 2}
                httpx.post(f"{self.simulator_url}/handset/redeliver", json=body, timeout=30.0)

    def _listen(self) -> str:
        """The next message, "" when none comes for a moment."""
        try:
            (message,) = self._phone.receive(1, within=_POLL_SECONDS)
        except NoReply:
            return ""
        self._heard.append(message["text"] or message["type"])
        return self._heard[-1]

    def _story(self, finished: bool) -> Story:
        files = []
        unanswered = unanswered_files(self._phone.chat(), ())
        for file, times in self._times_sent.items():
            after = self._heard[self._heard_before[file] :]
            refused = any(text.startswith(_NOT_TAKEN) for text in after)
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            files.append(SentFile(digest, times, answered=digest not in unanswered, refused=refused))
        return Story(
            number=self.plan.number,
            files=tuple(files),
            heard=tuple(self._heard),
            expected=self._expected,
            rounds=self._rounds,
            silences=self._silences,
            in_sequence=self.plan.manner in ("one by one", "twice"),
            finished=finished,
        )
