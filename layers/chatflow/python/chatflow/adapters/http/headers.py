"""The headers of a call: what may be sent, and what may go on to another origin. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chatflow.errors import Refused

_HARMLESS = frozenset({"accept", "accept-language", "range", "user-agent"})  # all else may be a credential
_OURS = frozenset(  # how a message is framed is never the caller's to say
    {"accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE_BREAK = re.compile(r"[\x00\r\n]")


def framed(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are sent, names in lower case. Raises Refused for one that would begin a line of its own."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or _LINE_BREAK.search(value) or not _is_latin(value):
            raise Refused(f"the header {name!r} cannot be sent as it is")
    kept = {name.lower(): value for name, value in headers.items() if name.lower() not in _OURS}
    return {"user-agent": "chatflow", **kept, "accept-encoding": "identity"}


def harmless(headers: Mapping[str, str]) -> dict[str, str]:
    """What another origin may see of them."""
    return {name: value for name, value in headers.items() if name in _HARMLESS}


def _is_latin(value: str) -> bool:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
