"""Masks secrets in a report: in plain form, and in the encodings in which a server may have echoed them. Pure.

A text is searched as it is and with its escapes removed, layer by layer: percent-encoding, those of JSON and of
JavaScript, those of HTML, in any mixture. In each layer base64 (also within a longer text, as in Basic credentials) and
hex are recognised too. What is found is masked at its position in the original text.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote, quote_plus, unquote

MASKED: Final = "•••"
MAX_LENGTH: Final = 32_768  # characters of one text; it is cut after masking, so that no part of a secret is left
_SHORTEST_CORE = 4  # characters of base64 or hex: fewer would mask text that is no secret
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=-")
_MAX_LAYERS = 5  # no text was seen that was accidentally escaped more often
_TAIL = "%[89abAB][0-9a-fA-F]"
_ESCAPE = re.compile(
    rf"%[c-dC-D][0-9a-fA-F]{_TAIL}|%[eE][0-9a-fA-F](?:{_TAIL}){{2}}|%[fF][0-7](?:{_TAIL}){{3}}|%[0-9a-fA-F]{{2}}"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[^ux]"
    r"|&(?:\#[0-9]{1,10}|\#[xX][0-9a-fA-F]{1,8}|[A-Za-z]{2,8});",
    re.DOTALL,
)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
Span = tuple[int, int]


class Mask:
    """Masks the secrets that were registered with it."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def register(self, secret: str) -> str:
        """Register a secret to be masked, and return it."""
        on_the_wire = secret.encode("utf-8", "replace").decode("latin-1")  # the form of non-ASCII characters in headers
        self._secrets.update(filter(None, (secret, secret.strip(), on_the_wire, on_the_wire.strip())))
        return secret

    def masked(self, value: Any) -> Any:
        """The same JSON with its secrets masked, in keys too, and each text cut to 32,768 characters."""
        plain = re.compile("|".join(sorted(map(_plain, self._secrets), key=len, reverse=True)), re.IGNORECASE)
        cores = sorted({core for each in self._secrets for core in _cores(each)})

        def mask(text: str) -> str:
            if self._secrets:
                text = _replace(text, sorted(_find(text, plain, cores)))
            return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}… ({len(text) - MAX_LENGTH} more)"

        return _map_texts(value, mask)


def _map_texts(value: Any, mask: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask(key): _map_texts(each, mask) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_map_texts(each, mask) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and mask(str(value)) == MASKED:
        return MASKED
    return value


def _find(text: str, plain: re.Pattern[str], cores: list[str]) -> Iterator[Span]:
    """The positions of secrets in the text."""
    for layer, positions in _layers(text):
        for match in plain.finditer(layer):
            yield positions[match.start()], positions[match.end()]
        for core in cores:
            for start, end in _runs(layer, core):
                yield positions[start], positions[end]


def _runs(text: str, core: str) -> Iterator[Span]:
    """Each whole run of base64 around the core: the neighbouring characters reveal its first and last bits."""
    at = 0
    while (found := text.find(core, at)) >= 0:
        start, end = found, found + len(core)
        while start > at and text[start - 1] in _BASE64:
            start -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        yield start, end
        at = end


def _replace(text: str, spans: list[Span]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in spans:
        if end > at:
            parts += [text[at:start], MASKED] if start >= at else []
            at = end
    return "".join([*parts, text[at:]])


def _plain(secret: str) -> str:
    """A pattern for the secret and its hex. In forms, a space is written as a plus."""
    in_hex = secret.encode("utf-8", "replace").hex()
    itself = "".join("[ +]" if each in " +" else re.escape(each) for each in secret)
    return f"{itself}|{in_hex}" if len(in_hex) >= _SHORTEST_CORE else itself


def _cores(secret: str) -> Iterator[str]:
    """The base64 of the secret and of its usual escapes, for every alignment: only the characters that are certain."""
    for form in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}:
        octets = form.encode("utf-8", "replace")
        for before in range(3):
            written = base64.b64encode(b"\0" * before + octets).decode().rstrip("=")
            first = (before * 8 + 5) // 6  # characters that depend on what precedes
            whole = (before + len(octets)) * 8 // 6  # characters that do not depend on what follows
            core = written[first:whole]
            if len(core) >= _SHORTEST_CORE:
                yield core
                yield core.replace("+", "-").replace("/", "_")


def _layers(text: str) -> Iterator[tuple[str, list[int]]]:
    """The text itself, then without its outermost escapes, and so on.

    Each layer comes with the positions of its characters, and of its end, in `text`.
    """
    positions = list(range(len(text) + 1))
    yield text, positions
    for _ in range(_MAX_LAYERS):
        text, positions, changed = _unescaped(text, positions)
        if not changed:
            return
        yield text, positions


def _unescaped(text: str, positions: list[int]) -> tuple[str, list[int], bool]:
    parts: list[str] = []
    new_positions: list[int] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        character = _character(found[0])
        if len(character) != 1:
            continue
        parts += [text[at : found.start()], character]
        new_positions += positions[at : found.start() + 1]
        at = found.end()
    parts.append(text[at:])
    new_positions += positions[at:]
    return "".join(parts), new_positions, at > 0


def _character(escape: str) -> str:
    if escape[0] == "%":
        return unquote(escape, errors="replace")
    if escape[0] == "&":
        return html.unescape(escape)
    if escape[1] in "ux":
        units = [int(unit, 16) for unit in re.findall(r"\\[ux]([0-9a-fA-F]+)", escape)]
        return b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "replace")
    return _SHORT.get(escape[1], escape[1])
