"""Secrets taken out of whatever is told: as they are, and as a server may have written them when it sent them back.

A text is looked at as it stands and with its escapes taken off, layer by layer: percent-encoding, those of JSON and
JavaScript, those of HTML, in any mixture. In each layer base64 (also inside of more text, as in Basic credentials) and
hex are known too. What is found is hidden where it stands in the text itself. Pure.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote, quote_plus

from integration_trial.layers import layers

MASKED: Final = "•••"
LONGEST: Final = 32_768  # characters of one text that are told; cut after masking, so that no half of a secret is left
_SHORTEST_CORE = 4  # characters of base64 or hex: fewer would hide what is no secret
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=-")
Span = tuple[int, int]


class Mask:
    """Hides the values that it was told."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def hiding(self, secret: str) -> str:
        """The secret itself, remembered."""
        on_the_wire = secret.encode("utf-8", "replace").decode("latin-1")  # how headers show what is not ASCII
        self._secrets.update(filter(None, (secret, secret.strip(), on_the_wire, on_the_wire.strip())))
        return secret

    def masked(self, value: Any) -> Any:
        """The same JSON without the secrets, in keys too; each text at most 32,768 characters long."""
        plain = re.compile("|".join(sorted(map(_plain, self._secrets), key=len, reverse=True)), re.IGNORECASE)
        cores = sorted({core for each in self._secrets for core in _cores(each)})

        def without(text: str) -> str:
            if self._secrets:
                text = _hidden(text, sorted(_found(text, plain, cores)))
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


def _found(text: str, plain: re.Pattern[str], cores: list[str]) -> Iterator[Span]:
    """Where secrets stand in the text."""
    for layer, places in layers(text):
        for match in plain.finditer(layer):
            yield places[match.start()], places[match.end()]
        for core in cores:
            for start, end in _runs(layer, core):
                yield places[start], places[end]


def _runs(text: str, core: str) -> Iterator[Span]:
    """Each run of base64 that holds this, whole: what stands around it would tell the first and last bits."""
    at = 0
    while (found := text.find(core, at)) >= 0:
        start, end = found, found + len(core)
        while start > at and text[start - 1] in _BASE64:
            start -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        yield start, end
        at = end


def _hidden(text: str, spans: list[Span]) -> str:
    kept: list[str] = []
    at = 0
    for start, end in spans:
        if end > at:
            kept += [text[at:start], MASKED] if start >= at else []
            at = end
    return "".join([*kept, text[at:]])


def _plain(secret: str) -> str:
    """The secret, and its hex; in forms a blank is a plus."""
    in_hex = secret.encode("utf-8", "replace").hex()
    itself = "".join("[ +]" if each in " +" else re.escape(each) for each in secret)
    return f"{itself}|{in_hex}" if len(in_hex) >= _SHORTEST_CORE else itself


def _cores(secret: str) -> Iterator[str]:
    """What base64 makes of the secret, or of its usual escapes, wherever they begin: only what is certain of it."""
    for form in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}:
        octets = form.encode("utf-8", "replace")
        for before in range(3):
            written = base64.b64encode(b"\0" * before + octets).decode().rstrip("=")
            first = (before * 8 + 5) // 6  # characters that depend on what stands before
            whole = (before + len(octets)) * 8 // 6  # characters that do not depend on what follows
            core = written[first:whole]
            if len(core) >= _SHORTEST_CORE:
                yield core
                yield core.replace("+", "-").replace("/", "_")
