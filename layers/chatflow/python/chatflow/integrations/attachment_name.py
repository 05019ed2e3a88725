"""The file name in a server's response: RFC 6266, and common deviations from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import unquote, urlsplit

_PARAMETER = re.compile(r""";\s*([A-Za-z0-9*_-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)""", re.DOTALL)
_EXTENDED = re.compile(r"([A-Za-z0-9-]+)'[^']*'(.*)", re.DOTALL)
_ENCODINGS = {"utf-8", "iso-8859-1", "us-ascii"}


def attachment_name(headers: Mapping[str, str], url: str) -> str:
    """The name from Content-Disposition, else the last segment of the URL's path, else "". The name is not cleaned yet.

    Header names are lower case, and values are as HTTP libraries deliver them: bytes decoded as Latin-1.
    """
    parameters = {
        name.lower(): value.strip() for name, value in _PARAMETER.findall(headers.get("content-disposition", ""))
    }
    return _extended(parameters.get("filename*", "")) or _plain(parameters.get("filename", "")) or _last_segment(url)


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


def _last_segment(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2], errors="replace")
