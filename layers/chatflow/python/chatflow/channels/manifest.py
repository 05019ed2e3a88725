"""Reads the manifests of channels: the manifest.toml in a channel's folder. A folder that has one is a channel."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from chatflow.errors import InvalidInput

CHANNELS: Final = Path(__file__).parent

# What a channel may be able to do. The contract (tests/contract/channels) has clauses for each, and for its absence.
CAPABILITIES: Final[Mapping[str, str]] = {
    "handshake": "answers a GET that checks the webhook's address; else the webhook answers POST only",
    "signs_body": "the signature of a POST covers its body; else a secret header is compared",
    "batches": "a POST may hold several updates; else it holds one",
    "upload": "a file is uploaded first, then sent by its id; else it is sent directly",
    "statuses": "reports what became of a message, with the tag that it was sent with",
    "albums": "marks the files that a contact sent together",
    "buttons": "shows a few options as buttons",
    "list": "shows options as a list",
    "captions": "shows a text with a picture or a video",
    "read_marks": "shows a contact that a message was read",
}
# What a channel may request of the deployment. infrastructure/api/channel_routes.py and push_api.py make it where one
# does.
INFRASTRUCTURE: Final[Mapping[str, str]] = {
    "routes": "its module `routes` answers requests below /channels/<channel>/<account>/",
    "page": "the files of its folder `page` are served at /channels/<channel>/page/<file>",
    "push": "its client pushes to the browsers that its module `push` admits to a WebSocket API",
}


@dataclass(frozen=True)
class Connect:
    """The steps that a person takes to connect an account of the channel."""

    account: str  # the field of the secret that names the account
    chosen: str  # the field of the secret whose text we choose; "" for none
    steps: tuple[str, ...]  # with the placeholders {webhook_url} and {chosen}
    overlapping: tuple[str, ...] = ()  # fields that accept a list, of the new value and the old one during a rotation


@dataclass(frozen=True)
class Rates:
    """How many messages a second the channel takes in the long run; 0.0 where no limit is known."""

    account_per_second: float = 0.0  # from one account of ours to all contacts
    contact_per_second: float = 0.0  # from one account of ours to one contact


@dataclass(frozen=True)
class Posts:
    """The most that one POST of the channel holds. More is not what the channel sends."""

    bytes: int = 1024 * 1024
    updates: int = 1


@dataclass(frozen=True)
class ChannelManifest:
    """A channel's manifest."""

    name: str
    title: str
    url: str  # base URL of its API, without a trailing slash; {version} stands for the version
    version: str  # of its API; "" where the API has none
    hosts: frozenset[str]  # the only ones that may get its token: host, or host:port
    secret: Mapping[str, str]  # each field of its secret, and where a person finds the value
    capabilities: frozenset[str]  # of CAPABILITIES
    window: int  # seconds after a contact's message in which a business may write freely; 0 where it always may
    connect: Connect
    # Of a channel whose deploys always made one secret for the channel: the fields that the first deploy writes into
    # it, the random one first; the others are empty. Newer channels have secrets of their accounts only.
    placeholder: tuple[str, ...] = ()
    rates: Rates = Rates()
    posts: Posts = Posts()
    infrastructure: frozenset[str] = frozenset()  # of INFRASTRUCTURE
    default: bool = False  # the channel that is meant where a person names none; one channel is

    @property
    def api(self) -> str:
        """The base URL of its API at its version, without a trailing slash."""
        return self.url.replace("{version}", self.version)

    def at(self, url: str = "", version: str = "") -> ChannelManifest:
        """The same channel at another address (a stand-in), or at another version of its API.

        At another address, its token goes there and nowhere else.
        """
        changed = replace(self, version=version or self.version)
        if not url:
            return changed
        return replace(changed, url=url.rstrip("/"), hosts=frozenset({urlsplit(url).netloc.lower()}))


def names(folder: Path | None = None) -> list[str]:
    """The names of all channels, read once a process; those of another folder than CHANNELS if it is given."""
    return [*_names(folder or CHANNELS)]


@cache
def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(manifest.parent.name for manifest in folder.glob("*/manifest.toml")))


def load(name: str, folder: Path | None = None) -> ChannelManifest:
    """The manifest of a channel, read once a process.

    Raises InvalidInput for an unknown channel, and for a manifest that is not valid with everything that is wrong: a
    line for each problem, with folder, field and what is allowed.
    """
    if name not in names(folder):  # the name may come out of a URL: it must never become a path
        raise InvalidInput("there is no channel of that name")
    return _load(name, folder or CHANNELS)


@cache
def _load(name: str, folder: Path) -> ChannelManifest:
    try:
        content = tomllib.loads((folder / name / "manifest.toml").read_text(encoding="utf-8"))
        problems = list(_problems(content))
    except ValueError as error:
        problems = [f"it is no TOML in UTF-8: {error}"]
    if problems:
        raise InvalidInput("\n".join(f"channels/{name}/manifest.toml: {problem}" for problem in problems))
    return ChannelManifest(
        name=name,
        title=content["title"],
        url=content["api"].rstrip("/"),
        version=content.get("version", ""),
        hosts=frozenset(content["hosts"]),
        secret=content["secret"],
        capabilities=frozenset(content["capabilities"]),
        window=content["window"],
        connect=_connect(content["connect"]),
        placeholder=tuple(content.get("placeholder", ChannelManifest.placeholder)),
        rates=Rates(**content["rates"]),
        posts=Posts(**content.get("posts", {})),
        infrastructure=frozenset(content.get("infrastructure", ())),
        default=content.get("default", False),
    )


def default_name(folder: Path | None = None) -> str:
    """The channel that is meant where a person names none; "" when no manifest says so."""
    return next((name for name in names(folder) if load(name, folder).default), "")


def part(name: str, module: str) -> ModuleType:
    """A module of a channel's folder: webhook, rendering, profile or client. Raises InvalidInput for an unknown one."""
    if name not in names():
        raise InvalidInput("there is no channel of that name")
    return import_module(f"chatflow.channels.{name}.{module}")


def _connect(content: Mapping[str, Any]) -> Connect:
    steps, overlapping = tuple(content["steps"]), tuple(content.get("overlapping", ()))
    return Connect(content["account"], content["chosen"], steps, overlapping)


class _Field(NamedTuple):
    allowed: str
    fits: Callable[[Any], bool]
    required: bool = True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_rate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(each) for each in value)


def _are_explained(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(each, str) for each in value.values())


def _one_of(known: Mapping[str, str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(each, str) and each in known for each in value)


_TEXT: Final = _Field("a text", _is_text)
_TEXTS: Final = _Field("a list of texts, at least one", _are_texts)
_RATE: Final = _Field("messages a second, 0.0 where no limit is known", _is_rate)
_FIELDS: Final[Mapping[str, _Field]] = {
    "title": _TEXT,
    "api": _TEXT,
    "version": _TEXT._replace(required=False),
    "hosts": _TEXTS,
    "capabilities": _Field(f"a list out of {', '.join(CAPABILITIES)}", _one_of(CAPABILITIES)),
    "infrastructure": _Field(f"a list out of {', '.join(INFRASTRUCTURE)}", _one_of(INFRASTRUCTURE), required=False),
    "window": _Field("seconds, a whole number; 0 where a business may always write", lambda value: _is_whole(value, 0)),
    "placeholder": _TEXTS._replace(required=False),
    "default": _Field("true or false", lambda value: isinstance(value, bool), required=False),
    "rates.account_per_second": _RATE,
    "rates.contact_per_second": _RATE,
    "posts.bytes": _Field("a whole number of bytes", lambda value: _is_whole(value, 1), required=False),
    "posts.updates": _Field("a whole number", lambda value: _is_whole(value, 1), required=False),
    "connect.account": _TEXT,
    "connect.chosen": _Field('a field of the secret, or ""', lambda value: isinstance(value, str)),
    "connect.steps": _TEXTS,
    "connect.overlapping": _TEXTS._replace(required=False),
    "secret": _Field("a table: each field of the secret, and where a person finds its value", _are_explained),
}
_TABLES: Final = frozenset(name.partition(".")[0] for name in _FIELDS if "." in name)


def _problems(content: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong with a manifest, each with the field and what is allowed."""
    given = dict(_flattened(content))
    for name, value in given.items():
        if name not in _FIELDS:
            yield f"{name} is unknown; allowed are {', '.join(_FIELDS)}"
        elif not _FIELDS[name].fits(value):
            yield f"{name} is {value!r}; allowed is {_FIELDS[name].allowed}"
    for name, known in _FIELDS.items():
        if known.required and name not in given:
            yield f"{name} is missing; allowed is {known.allowed}"
    if given.get("posts.updates", 1) != 1 and "batches" not in given.get("capabilities", []):
        yield "posts.updates is not 1; more are allowed only with the capability batches"


def _flattened(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a manifest, those of its tables under "<table>.<field>"."""
    for name, value in content.items():
        if name in _TABLES and isinstance(value, dict):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value
