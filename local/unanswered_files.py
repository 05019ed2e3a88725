"""Finds customers' files that nobody took and nobody said a word about, judged from outside. Pure.

Chaos runs, the demo, the journeys and the tests of redelivery all judge by this.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from local.simulator.phone import ChatMessage


def unanswered_files(chat: Iterable[ChatMessage], at_the_business: Collection[str]) -> list[str]:
    """The SHA-256 of each file of a chat without a word, in the order in which they were sent.

    `chat` holds all messages of one phone, and `at_the_business` the SHA-256 of each file that the business has. A file
    has its word when the business has it, or when the customer heard something after sending it. While a person of the
    business talks to the customer by hand, files are for that person.
    """
    unanswered: dict[str, None] = {}
    by_hand = False
    for message in sorted(chat, key=lambda message: int(message["seq"])):
        if message["direction"] == "out":
            by_hand = message["by_hand"]
            if not by_hand:
                unanswered.clear()
        elif message["sha256"] and not by_hand and message["sha256"] not in at_the_business:
            unanswered[message["sha256"]] = None
    return list(unanswered)
