"""Reads the options of a curl command: what the request would be. No file is read.

The meaning of the options is that of curl(1), https://curl.se/docs/manpage.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus

from management.integrations.curl.shell_words import UnreadableCommand, shell_words

_SHORT: Final = {
    "X": "request", "H": "header", "d": "data", "F": "form", "u": "user", "G": "get", "b": "cookie",
    "A": "user-agent", "e": "referer", "k": "insecure", "L": "location", "I": "head", "T": "upload-file",
    "x": "proxy", "m": "max-time", "o": "output", "O": "remote-name", "E": "cert", "s": "silent",
    "S": "show-error", "v": "verbose", "i": "include", "f": "fail", "g": "globoff", "#": "progress-bar",
    "N": "no-buffer", "j": "junk-session-cookies", "c": "cookie-jar", "w": "write-out", "D": "dump-header",
    "K": "config", "n": "netrc", "U": "proxy-user", "r": "range", "C": "continue-at", "y": "speed-time",
    "Y": "speed-limit", "z": "time-cond", "0": "http1.0", "4": "ipv4", "6": "ipv6", "q": "disable",
    "J": "remote-header-name", "R": "remote-time", "Z": "parallel", "a": "append", "l": "list-only",
    "p": "proxytunnel",
}  # fmt: skip
_DATA: Final = frozenset({"data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json", "url-query"})
_WITH_VALUE: Final = _DATA | {
    "request", "header", "form", "form-string", "user", "cookie", "user-agent", "referer", "upload-file",
    "proxy", "max-time", "output", "cert", "cookie-jar", "write-out", "dump-header", "config", "proxy-user",
    "range", "continue-at", "speed-time", "speed-limit", "time-cond", "url", "oauth2-bearer", "retry",
    "retry-delay", "retry-max-time", "connect-timeout", "cacert", "capath", "key", "key-type", "cert-type",
    "pass", "resolve", "connect-to", "max-redirs", "limit-rate", "interface", "aws-sigv4", "proto",
    "proto-redir", "tls-max", "ciphers", "noproxy", "max-filesize", "unix-socket", "stderr", "trace",
    "trace-ascii", "output-dir", "rate", "expect100-timeout", "keepalive-time", "dns-servers", "request-target",
    "local-port", "crlfile", "pinnedpubkey", "engine", "service-name", "variable",
}  # fmt: skip
# What changes nothing about the request, or what Chatflow does anyway.
_HARMLESS: Final = frozenset(
    {"silent", "show-error", "verbose", "include", "fail", "fail-with-body", "fail-early", "globoff", "progress-bar"}
    | {"no-progress-meter", "no-buffer", "compressed", "cookie-jar", "write-out", "dump-header", "ipv4", "ipv6"}
    | {"disable", "http1.1", "http2", "http2-prior-knowledge", "http3", "connect-timeout", "retry-delay", "stderr"}
    | {"retry-max-time", "retry-connrefused", "retry-all-errors", "keepalive-time", "no-keepalive", "tcp-nodelay"}
    | {"trace", "trace-ascii", "trace-time", "tlsv1", "tlsv1.2", "tlsv1.3", "path-as-is", "location-trusted"}
    | {"output-dir", "remote-time", "parallel", "rate", "limit-rate", "expect100-timeout", "junk-session-cookies"}
)
_WARNED: Final = {
    "insecure": "-k was left out: Chatflow always checks the certificate of the host.",
    "location": "-L was left out: a call that sends something is never redirected.",
    "head": "-I (a HEAD request) is not possible here: it became a GET.",
    "upload-file": "-T (a file as the whole body) is not possible here: upload it as a part (-F).",
    "output": "-o was left out. If the answer is a file for the customer, choose a file as the response.",
    "remote-name": "-O was left out. If the answer is a file for the customer, choose a file as the response.",
    "config": "A file with options (-K) was not read.",
    "netrc": "A file with passwords (-n) was not read: store them as a secret.",
    "cert": "A certificate of the client (--cert) is not possible here.",
    "proxy": "The proxy (-x) was left out: Chatflow calls the host itself.",
    "aws-sigv4": "Signed requests (--aws-sigv4) are not possible here.",
}


@dataclass(frozen=True)
class FormPart:
    """A part of -F: a text, or a file with the name that it was sent under (empty: the customer's)."""

    name: str
    value: str = ""
    is_file: bool = False
    filename: str = ""


@dataclass
class CurlCommand:
    """The request that a command makes. `data` is the body, None without one."""

    url: str = ""
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: str | None = None
    data_type: str = ""  # the content type that curl sends with the data
    query: str = ""  # further text of the query, of -G and --url-query
    parts: list[FormPart] = field(default_factory=list)
    user: str = ""
    seconds: float = 0
    retries: int = 0
    variables: list[str] = field(default_factory=list)  # of the shell: they stand as [[name]]
    warnings: list[str] = field(default_factory=list)


def read_curl(text: str) -> CurlCommand:
    """Read a command as people paste it. Raises UnreadableCommand."""
    found = shell_words(text)
    words = found.words
    names = [word.rpartition("/")[2].lower() for word in words]
    place = next((place for place, name in enumerate(names) if name in ("curl", "curl.exe")), None)
    if place is None:
        raise UnreadableCommand("This is no curl command: it begins with curl.")
    return _Options(CurlCommand(variables=found.variables, warnings=found.warnings)).read(words[place + 1 :])


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each option by its long name, with its value; an address has the name `url`."""
    ahead = iter(words)
    literal = False
    for word in ahead:
        if literal or not word.startswith("-") or word == "-":
            yield "url", word
        elif word == "--":
            literal = True
        elif word.startswith("--"):
            name = word[2:]
            yield name, _value(ahead, word) if name in _WITH_VALUE else ""
        else:
            yield from _cluster(word, ahead)


def _cluster(word: str, ahead: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Short options in one word, such as -sSL or -XPOST."""
    for place, letter in enumerate(word[1:], start=1):
        name = _SHORT.get(letter, f"-{letter}")
        if name in _WITH_VALUE:
            yield name, word[place + 1 :] or _value(ahead, f"-{letter}")
            return
        yield name, ""


def _value(ahead: Iterator[str], option: str) -> str:
    value = next(ahead, None)
    if value is None:
        raise UnreadableCommand(f"The command ends after {option}, which needs a value.")
    return value


class _Options:
    """Takes the options one after the other."""

    def __init__(self, command: CurlCommand) -> None:
        self._command = command
        self._data: list[tuple[str, bool]] = []  # texts of the body; True: joined to the one before without &
        self._get = False

    def read(self, words: Sequence[str]) -> CurlCommand:
        command = self._command
        for name, value in _options(words):
            self._take(name, value)
        if not command.url:
            raise UnreadableCommand("The command has no address (URL).")
        body = None
        for text, attached in self._data:
            body = text if body is None else body + ("" if attached else "&") + text
        if self._get:
            command.query = "&".join(filter(None, (command.query, body)))
        else:
            command.data = body
        if not command.method:
            command.method = "POST" if command.data is not None or command.parts else "GET"
        if command.data_type and all(name.lower() != "accept" for name, _ in command.headers):
            command.headers.append(("Accept", command.data_type))
        if command.data is not None and command.parts:
            raise UnreadableCommand("The command has both -d and -F; curl takes one of them.")
        return command

    def _take(self, name: str, value: str) -> None:  # noqa: PLR0912
        command = self._command
        if name == "url":
            if command.url:
                self._warn("The command has several addresses; the first one was taken.")
            else:
                command.url = value
        elif name == "request":
            command.method = value.upper()
        elif name == "header":
            self._header(value)
        elif name in _DATA:
            self._take_data(name, value)
        elif name in ("form", "form-string"):
            command.parts += self._parts(value, plain=name == "form-string")
        elif name == "user":
            command.user = value
        elif name == "get":
            self._get = True
        elif name == "cookie":
            if "=" in value:
                command.headers.append(("Cookie", value))
            else:
                self._warn("A file with cookies (-b) was not read.")
        elif name in ("user-agent", "referer"):
            command.headers.append(("User-Agent" if name == "user-agent" else "Referer", value))
        elif name == "oauth2-bearer":
            command.headers.append(("Authorization", f"Bearer {value}"))
        elif name == "max-time":
            command.seconds = _number(value)
        elif name == "retry":
            command.retries = int(_number(value))
        elif name in _WARNED:
            self._warn(_WARNED[name])
        elif name not in _HARMLESS:
            shown = name if name.startswith("-") else f"--{name.partition('=')[0]}"
            self._warn(f"The option {shown[:40]} was left out: it has no counterpart here.")

    def _header(self, text: str) -> None:
        if text.startswith("@"):
            self._warn("A file with headers (-H @...) was not read.")
            return
        name, colon, value = text.partition(":")
        if colon and value.strip():  # without a value, curl sends the header not at all
            self._command.headers.append((name.strip(), value.strip()))
        elif not colon and text.endswith(";"):
            self._warn(f"The header {text[:-1][:40]} is empty, and was left out.")

    def _take_data(self, option: str, value: str) -> None:
        if option == "url-query":
            encoded = value[1:] if value.startswith("+") else self._encoded(value)
            self._command.query = "&".join(filter(None, (self._command.query, encoded)))
            return
        if option == "data-urlencode":
            value = self._encoded(value)
        elif value.startswith("@") and option != "data-raw":
            self._warn("The body is in a file (@...), which was not read: paste its content instead of the file.")
            value = ""
        self._data.append((value, option == "json"))
        self._command.data_type = "application/json" if option == "json" else self._command.data_type

    def _encoded(self, value: str) -> str:
        """The text of --data-urlencode: `content`, `=content`, `name=content`, `name@file`, `@file`."""
        name, sign, content = value.partition("=")
        if sign:
            return f"{name}={quote_plus(content)}" if name else quote_plus(content)
        if "@" in value:
            self._warn("A value is in a file (@...), which was not read.")
            return value.partition("@")[0] + "=" if value.partition("@")[0] else ""
        return quote_plus(value)

    def _parts(self, text: str, *, plain: bool) -> list[FormPart]:
        name, equals, content = text.partition("=")
        if not equals:
            raise UnreadableCommand("-F needs a name and a value, such as -F file=@photo.jpg.")
        if plain:
            return [FormPart(name, content)]
        if content.startswith("@"):
            fields, paths = _form_fields(content[1:], separator=",")
            return [FormPart(name, is_file=True, filename=fields.get("filename", "")) for _ in paths]
        if content.startswith("<"):
            self._warn("The text of a part is in a file (<...), which was not read.")
            return [FormPart(name)]
        return [FormPart(name, _form_fields(content)[1][0])]

    def _warn(self, message: str) -> None:
        if message not in self._command.warnings:
            self._command.warnings.append(message)


def _form_fields(content: str, separator: str = "") -> tuple[dict[str, str], list[str]]:
    """What follows ; in the content of -F (type, filename, ...), and what stands before: a text, or paths of files."""
    fields: dict[str, str] = {}
    values: list[str] = []
    rest = f"{separator or ','}{content}"
    while rest.startswith(separator or ",") and (separator or not values):
        value, rest = _quoted(rest[1:], f";{separator}")
        values.append(value)
        while rest.startswith(";"):
            name, _, after = rest[1:].partition("=")
            fields[name.strip().lower()], rest = _quoted(after, f";{separator}")
    return fields, values


def _quoted(text: str, ends: str) -> tuple[str, str]:
    """The text up to one of these characters, or inside double quotes; and the rest."""
    if text.startswith('"'):
        inside, place = [], 1
        while place < len(text) and text[place] != '"':
            place += text[place] == "\\" and text[place + 1 : place + 2] in ('"', "\\")
            inside.append(text[place])
            place += 1
        return "".join(inside), text[place + 1 :]
    place = min((found for found in map(text.find, ends) if found >= 0), default=len(text))
    return text[:place], text[place:]


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0), 1e6)
    except ValueError:
        return 0
