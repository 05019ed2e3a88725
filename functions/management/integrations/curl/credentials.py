"""Finds the credentials of a request, and puts references to secrets in their place."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, Final

# Words of names whose values nobody else may see.
_WORDS: Final = frozenset(
    {"token", "secret", "password", "passwd", "passphrase", "pwd", "pass", "authorization", "auth", "signature", "sig"}
    | {"credential", "credentials", "jwt", "bearer", "cookie", "apikey", "passcode", "pin", "otp", "csrf", "xsrf"}
    | {"accesskey", "secretkey", "authkey", "appkey", "accesstoken", "authtoken", "sessionid", "sid", "hmac"}
)
_KEYS: Final = frozenset({"api", "access", "private", "subscription", "auth", "app", "functions", "client", "master"})
_JWT: Final = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+")
_RANDOM: Final = re.compile(r"(?=[A-Za-z0-9_-]*[A-Z])(?=[A-Za-z0-9_-]*[a-z])(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{20,}")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]+(\S.*)", re.DOTALL)
_VARIABLE: Final = re.compile(r"\[\[\s*([A-Za-z_][A-Za-z0-9_]*)\s*\]\]")
_SECRET: Final = re.compile(r"\[\[\s*secret:[^\[\]]+\]\]")
_LEAST: Final = 6  # characters: what is shorter stands in other texts by chance


def names_credential(name: str, *, address: bool = False) -> bool:
    """Whether a header, field or parameter of this name holds a credential. `address`: `?key=` in a URL does, too."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    words = re.findall(r"[a-z0-9]+", spaced.lower())
    joined = "".join(words)
    has_key = any(word == "key" and before in _KEYS for before, word in pairwise(words))
    return bool(_WORDS & {*words, joined}) or has_key or (address and words == ["key"])


def looks_like_credential(value: str, *, random: bool = False) -> bool:
    """Whether a value is a credential whatever its name. `random`: also a long text without any sense."""
    return _JWT.search(value) is not None or (random and _RANDOM.search(value) is not None)


class Credentials:
    """The secrets that stand for the credentials of one request. Their values leave this object never."""

    def __init__(self, prefix: str, host: str) -> None:
        self._prefix = prefix
        self._host = host
        self._names: dict[str, str] = {}  # by value
        self.warnings: list[str] = []

    def reference(self, value: str, place: str, word: str, *, what: str = "") -> str:
        """The reference to put in place of a value. `place` says where it stood, `word` ends the secret's name.

        `what` says what to store, where that is not the value itself.
        """
        if not value or _SECRET.fullmatch(value):
            return value
        variable = _VARIABLE.fullmatch(value)
        name = self._names.get(value) or self._free(_slug(variable[1]) if variable else f"{self._prefix}-{_slug(word)}")
        if value not in self._names:
            self._names[value] = name
            stored = f" to {what}" if what else ""
            self.warnings.append(
                f'{place} was a credential and became the secret "{name}". '
                f"Have an administrator set it{stored}, for the host {self._host}."
            )
        return f"[[secret:{name}]]"

    def header(self, name: str, value: str) -> str:
        """The value of a header, with a secret in place of a credential in it; a scheme such as Bearer stays."""
        sure = names_credential(name)
        if not sure and not looks_like_credential(value, random=True):
            return value
        place = f"The header {name[:40]}"
        with_scheme = _SCHEME.fullmatch(value) if name.lower().endswith("authorization") else None
        if with_scheme is None:
            return self.reference(value, place, name)
        word = "token" if with_scheme[1].lower() == "bearer" else with_scheme[1]
        return f"{with_scheme[1]} {self.reference(with_scheme[2], place, word)}"

    def removed_from(self, value: Any) -> Any:
        """The same JSON without any of the credentials, wherever else they stand."""
        if isinstance(value, dict):
            return {self.removed_from(name): self.removed_from(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.removed_from(each) for each in value]
        if isinstance(value, str):
            for credential, name in self._names.items():
                if len(credential) >= _LEAST and not _VARIABLE.fullmatch(credential):
                    value = value.replace(credential, f"[[secret:{name}]]")
        return value

    def _free(self, wanted: str) -> str:
        taken = {*self._names.values()}
        names = [wanted, *(f"{wanted[:60]}-{number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)


def _slug(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")[:40] or "secret"
