"""What a server calls the file that it sends: RFC 6266, and what servers make of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import unquote, urlsplit

_PARAMETER = re.compile(r""";\s*([A-Za-z0-9*_-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)""", re.DOTALL)
_EXTENDED = re.compile(r"([A-Za-z0-9-]+)'[^']*'(.*)", re.DOTALL)
_ENCODINGS = {"utf-8", "iso-8859-1", "us-ascii"}


def attachment_name(headers: Mapping[str, str], url: str) -> str:
    """The name from Content-Disposition, else the last step of the URL's path, else "". Nothing in it is trusted yet.

    Header names are lower case, and values are as HTTP delivers them: bytes read as Latin-1.
    """
    given = {name.lower(): value.strip() for name, value in _PARAMETER.findall(headers.get("content-disposition", ""))}
    return _extended(given.get("filename*", "")) or _plain(given.get("filename", "")) or _last_step(url)


def _extended(value: str) -> str:
    """RFC 8187: encoding'language'percent-encoded."""
    found = _EXTENDED.fullmatch(value.strip('"'))
    if not found or found[1].lower() not in _ENCODINGS:
        return ""
    return unquote(found[2], encoding=found[1], errors="replace")


def _plain(value: str) -> str:
    if value.startswith('"'):
        value = re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'), flags=re.DOTALL)
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode()  # many servers send raw UTF-8
    return unquote(value)


def _last_step(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2], errors="replace")
