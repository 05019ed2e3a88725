"""How keywords, words that leave a flow and answers to menus are compared: as people write them.

Capitals, accents, blanks, punctuation around words, WhatsApp's *bold* and forms of the same letter do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ACCENTS = re.compile(
    r"[\u0300-\u036f]"
)  # of Latin, Greek and Cyrillic letters; other scripts tell words apart by them
_INVISIBLE = re.compile(r"[\u20e3\ufe00-\ufe0f]")  # the keycap of an emoji such as 1️⃣, and variants of a sign
_VARIANTS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4\u02b9", "'"),
        **dict.fromkeys("\u2010\u2012\u2013\u2014\u2212", "-"),
        # Letters with strokes and ligatures, which Unicode does not take apart, and the dotless i.
        **{"\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u00e6": "ae", "\u0153": "oe", "\u0131": "i"},  # noqa: PIE800
    }
)
_PUNCTUATION = frozenset({"Po", "Ps", "Pe", "Pi", "Pf"})  # categories of Unicode
_MEANINGFUL = frozenset("#%&@/\\*")  # punctuation that makes another word: C#, 5%, A*
_EMOJI = frozenset({"So", "Sk"})
_MARKUP = "*_~`"  # around bold, italic, struck out and typewritten text


def plain(text: str) -> str:
    """The form in which two texts are equal if people mean the same word. Empty for a text without visible characters.

    A text of punctuation alone, such as "?", stays as it is. The form of a form is the form itself.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    visible = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    letters = unicodedata.normalize("NFC", _INVISIBLE.sub("", _ACCENTS.sub("", visible))).translate(_VARIANTS)
    words = [_bare(word) for word in _bare(letters).split()]
    return " ".join(filter(None, words)) or " ".join(letters.split())


def plain_without_emoji(text: str) -> str:
    """The plain form of a text that may have emoji beside its words; empty if there is nothing else."""
    return plain("".join(" " if unicodedata.category(each) in _EMOJI else each for each in text))


@lru_cache(maxsize=20_000)  # only words that authors write; the texts of customers are not kept in memory
def plain_word(word: str) -> str:
    """The plain form of a word of the routes or of a menu."""
    return plain(word)


def _bare(text: str) -> str:
    """The text without the punctuation and the markup around it."""
    text = text.strip()
    while text:
        if _around(text[0]):
            text = text[1:].lstrip()
        elif _around(text[-1]):
            text = text[:-1].rstrip()
        elif len(text) > 2 and text[0] == text[-1] and text[0] in _MARKUP:
            text = text[1:-1].strip()
        else:
            break
    return text


def _around(character: str) -> bool:
    return unicodedata.category(character) in _PUNCTUATION and character not in _MEANINGFUL
