"""Judges a run from outside: what the customers' phones and the business saw. Pure.

Nothing here asks Chatflow. A file counts as received when the business holds it, and as answered when its customer
heard a message after sending it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

MAX_COPIES_OF_A_MESSAGE = 2  # a message whose send is in doubt is repeated once (decision 3)
MAX_SILENCES = (
    1  # for a customer whose message was in doubt twice, which is rare: more are a conversation that is stuck
)


@dataclass(frozen=True)
class SentFile:
    """One file that a customer sent. `times` counts the separate messages that carried it."""

    sha256: str
    times: int = 1
    answered: bool = True  # a message of the business followed
    refused: bool = False  # that message said that the file was not taken


@dataclass(frozen=True)
class Story:
    """What one customer did and heard."""

    number: str
    files: tuple[SentFile, ...]
    heard: tuple[str, ...]  # every message of the business, in order
    expected: tuple[str, ...]  # texts of one undisturbed run, in order; each is found by its beginning
    rounds: int = 1  # how often the customer began, because a message asked for that
    silences: int = 0  # how often the customer began again because nothing was heard for long
    in_sequence: bool = True  # each file was sent after the answer to the one before
    finished: bool = True  # the closing message came before the deadline


@dataclass(frozen=True)
class Verdict:
    """How many files, messages and conversations went wrong, by kind of fault."""

    conversations: int
    files: int
    lost: int = 0  # files that the business lacks, though nobody told the customer so
    doubled: int = 0  # files that the business has more often than sent, and messages heard more than twice
    reordered: int = 0  # conversations whose files or questions came in another order
    corrupted: int = 0  # files at the business that nobody sent
    stuck: int = 0  # conversations without an end
    unanswered: int = 0  # files after which the customer heard nothing
    silences: int = field(default=0, compare=False)  # customers who heard nothing for long and began again
    problems: tuple[str, ...] = field(default=(), compare=False)  # one line for each fault counted

    @property
    def clean(self) -> bool:
        counts = asdict(self)
        return not any(counts[kind] for kind in _KINDS)

    def __str__(self) -> str:
        counts = asdict(self)
        found = ", ".join(f"{kind} {counts[kind]}" for kind in _KINDS)
        silent = f"; began again after a silence: {self.silences}" if self.silences else ""
        return f"chaos: {self.conversations} conversations, {self.files} files: {found}{silent}"


_KINDS = ("lost", "doubled", "reordered", "corrupted", "stuck", "unanswered")


def judge(stories: Iterable[Story], at_the_business: list[str]) -> Verdict:
    """The verdict on a run. `at_the_business`: the SHA-256 of each file at the business, in order of arrival."""
    stories = list(stories)
    copies = Counter(at_the_business)
    counts: Counter[str] = Counter()
    problems: list[str] = []

    def count(kind: str, what: str) -> None:
        counts[kind] += 1
        problems.append(f"{kind}: {what}")

    for story in stories:
        for number, file in enumerate(story.files, start=1):
            name = f"file {number} of {story.number}"
            if not copies[file.sha256] and not file.refused:
                count("lost", name)
            if copies[file.sha256] > file.times:
                count("doubled", f"{name}, {copies[file.sha256]} times for {file.times} sent")
            if not file.answered and not copies[file.sha256]:
                count("unanswered", name)
        for text, times in _heard(story).items():
            if times > MAX_COPIES_OF_A_MESSAGE * story.rounds:
                count("doubled", f'"{text}" heard {times} times by {story.number}')
        if not _in_order(story, at_the_business):
            count("reordered", story.number)
        if not story.finished or story.silences > MAX_SILENCES:
            count("stuck", story.number)
    known = {file.sha256 for story in stories for file in story.files}
    for sha256 in copies:
        if sha256 not in known:
            count("corrupted", f"a file with SHA-256 {sha256[:12]}")
    files = sum(len(story.files) for story in stories)
    silences = sum(story.silences for story in stories)
    return Verdict(len(stories), files, **counts, silences=silences, problems=tuple(problems))


def _heard(story: Story) -> Counter[str]:
    return Counter(expected for text in story.heard for expected in story.expected if text.startswith(expected))


def _in_order(story: Story, at_the_business: list[str]) -> bool:
    """Whether files that were sent one after the other, and the questions of a flow, came in their order."""
    if story.rounds > 1:  # what was left of the first round may come late
        return True
    if story.in_sequence:
        sent = [file.sha256 for file in story.files]
        arrived = [sha256 for sha256 in dict.fromkeys(at_the_business) if sha256 in sent]
        if arrived != [sha256 for sha256 in sent if sha256 in arrived]:
            return False
    order = [story.expected.index(text) for text in _first_heard(story)]
    return order == sorted(order)


def _first_heard(story: Story) -> list[str]:
    found = [expected for text in story.heard for expected in story.expected if text.startswith(expected)]
    return list(dict.fromkeys(found))
