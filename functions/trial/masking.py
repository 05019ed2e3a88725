"""Secrets taken out of whatever is told: as they are, and as a server may have written them when it sent them back.

Known are, for each character by itself and in any mixture: percent-encoding (once or more often), JSON's, JavaScript's
and HTML's escapes; and for the whole: base64 (also inside of more text, as in Basic credentials) and hex. Pure.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

MASKED: Final = "•••"
LONGEST: Final = 32_768  # characters of one text that are told; cut after masking, so that no half of a secret is left
_SHORTEST_CORE = 4  # characters of base64 or hex: fewer would hide what is no secret
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=-")


class Mask:
    """Hides the values that it was told."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def hiding(self, secret: str) -> str:
        """The secret itself, remembered."""
        self._secrets.update(filter(None, (secret, secret.strip())))
        return secret

    def masked(self, value: Any) -> Any:
        """The same JSON without the secrets, in keys too."""
        longest_first = sorted(self._secrets, key=len, reverse=True)
        forms = re.compile("|".join(form for each in longest_first for form in _forms(each)), re.IGNORECASE)
        cores = sorted({core for each in self._secrets for core in _cores(each.encode())}, key=len, reverse=True)

        def without(text: str) -> str:
            if longest_first:
                for core in cores:
                    text = _without_runs(text, core)
                text = forms.sub(MASKED, text)
            return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text) - LONGEST} more)"

        return _each(value, without)


def _each(value: Any, without: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return without(value)
    if isinstance(value, dict):
        return {without(key): _each(each, without) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_each(each, without) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and without(str(value)) == MASKED:
        return MASKED
    return value


def _without_runs(text: str, core: str) -> str:
    """Without each run of base64 that holds this; what stands around it would tell the first and last bits."""
    kept, at = [], 0
    while (found := text.find(core, at)) >= 0:
        start, end = found, found + len(core)
        while start > at and text[start - 1] in _BASE64:
            start -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        kept += [text[at:start], MASKED]
        at = end
    return "".join([*kept, text[at:]])


def _forms(secret: str) -> Iterator[str]:
    in_hex = secret.encode().hex()
    if len(in_hex) >= _SHORTEST_CORE:
        yield in_hex
    yield "".join(_character(each) for each in secret)


def _character(character: str) -> str:
    """All the ways to write one character. Repetitions are bounded, so that no answer takes long to look through."""
    octets = character.encode("utf-8", "replace")
    units = character.encode("utf-16-be", "surrogatepass")
    escaped = "".join(rf"\\{{1,4}}u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
    ways = {
        rf"\\{{0,4}}{re.escape(character)}",
        "".join(rf"%(?:25){{0,3}}{octet:02x}" for octet in octets),
        escaped,
        rf"&#0{{0,6}}{ord(character)};",
        rf"&#x0{{0,6}}{ord(character):x};",
        re.escape(html.escape(character)),
    }
    if ord(character) < 256:
        ways.add(rf"\\{{1,4}}x{ord(character):02x}")
    if character == " ":
        ways.add(r"\+")
    return f"(?:{'|'.join(sorted(ways, key=len, reverse=True))})"


def _cores(secret: bytes) -> Iterator[str]:
    """What base64 makes of the secret wherever it begins: of its first and last characters, only what is certain."""
    for before in range(3):
        written = base64.b64encode(b"\0" * before + secret).decode().rstrip("=")
        first = (before * 8 + 5) // 6  # characters that depend on what stands before
        whole = (before + len(secret)) * 8 // 6  # characters that do not depend on what follows
        core = written[first:whole]
        if len(core) >= _SHORTEST_CORE:
            yield core
            yield core.replace("+", "-").replace("/", "_")
