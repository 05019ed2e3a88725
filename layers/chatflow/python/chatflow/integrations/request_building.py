"""Builds one HTTP call from an integration and a flow's variables, with every value encoded for its position.

Only the author defines the shape of a request: its host, path segments, header lines, JSON and parts. What a customer
typed can only become a value in it; where no encoding can guarantee that, the call is refused.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, urlencode

from chatflow.errors import Refused
from chatflow.media.filenames import clean_filename
from chatflow.media.profiles import FORMATS
from chatflow.media.reference import MediaReference, is_media, is_media_list
from chatflow.nodes.ports import Answer, Call, Part
from chatflow.templating import Scope, as_text, fill, references, render

_ORIGIN = re.compile(r"https?://[^/?#\\\s@]+(?=[/?#]|$)", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, 5.6.2
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SEPARATORS = re.compile(r"[/\\\x00-\x1f\x7f]")
_RESERVED_HEADERS = frozenset(  # frame or address a request: an author may not set them
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect", "keep-alive"}
)
_HEADER_SEPARATORS = re.compile(r'[;,"\\]')  # between the elements, parameters and cookies of a header
_STRUCTURED = re.compile(r"[;,=\"]")  # in an author's text: this header has a structure
_STRUCTURED_HEADERS = frozenset(  # a value is one element of them, even when it is the whole header
    {"accept", "accept-language", "authorization", "cache-control", "content-disposition", "content-type", "cookie"}
    | {"forwarded", "if-match", "if-none-match", "link", "prefer", "range", "via", "x-forwarded-for"}
    | {"x-forwarded-host", "x-forwarded-proto"}
)
_DECODINGS = 8  # that a value may need until nothing is encoded in it any more
_LITERAL = "%/:@!$&'()*+,;=~?"  # stay as they are in an author's own text, which is a URL already


def build_call(integration: Mapping[str, Any], parameters: Mapping[str, Any], scope: Scope) -> Call:
    """The call of this integration with these parameters (JSON with templates, filled from `scope`).

    Inside the integration, a parameter hides a variable of the same name, and templates may name secrets.
    Raises Refused when a value would change the request's shape, NotPublished when a secret is missing.
    """
    filled = fill(parameters, replace(scope, secret=None))
    inner = replace(scope, variables={**scope.variables, **filled})
    request = integration.get("request") or {}
    response = integration.get("response") or {}
    content_type, body, parts = _content(request, inner)
    headers = _headers(integration.get("headers") or {}, inner)
    if parts:  # the type names a boundary, which is created with the body
        headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    elif content_type and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = content_type
    return Call(
        method=str(integration["method"]).upper(),
        url=_url(str(integration["url"]), integration.get("query") or {}, inner),
        headers=headers,
        body=body,
        parts=parts,
        expects_file=response.get("content_type") == "file",
        filename=render(str(response.get("filename") or ""), inner),
        seconds=float(integration["timeout"]),
        attempts=int(integration["retry"]["attempts"]),
        at_most=int(integration.get("at_most") or 0),
    )


def call_summary(
    integration: Mapping[str, Any], call: Call | None = None, answer: Answer | None = None
) -> dict[str, Any]:
    """A call as the transcript records it: without body and secrets, and with the URL as its author wrote it.

    Templates in the URL stay unfilled: a filled one would show secrets, and addresses of contacts.
    """
    summary: dict[str, Any] = {
        "effect": "call",
        "integration": integration.get("name", ""),
        "method": integration["method"],
        "url": _url_as_written(integration),
    }
    if call and call.parts:
        summary["parts"] = [part.name for part in call.parts]
        summary["files"] = [
            {"part": part.name, "bytes": part.file.size, "sha256": part.file.sha256} for part in call.parts if part.file
        ]
    if answer:
        summary |= {"status": answer.status, "attempts": answer.attempts, "milliseconds": answer.milliseconds}
        if answer.file:
            summary["kept"] = {"bytes": answer.file.size, "sha256": answer.file.sha256, "mime": answer.file.mime}
    return summary


def _url(template: str, query: Mapping[str, Any], scope: Scope) -> str:
    origin = _ORIGIN.match(template)
    if not origin or "[[" in origin[0]:
        raise Refused("the host of an integration's URL must stand in it literally, after http:// or https://")
    path, _, own_query = template[origin.end() :].partition("#")[0].partition("?")
    segments = [_segment(each, scope) for each in path.split("/")]
    pairs = [quote(render(own_query, scope, _percent), safe=_LITERAL)] if own_query else []
    pairs += [f"{_percent(name)}={_percent(value)}" for name, value in _pairs(query, scope)]
    return origin[0] + "/".join(segments) + (f"?{'&'.join(pairs)}" if pairs else "")


def _segment(template: str, scope: Scope) -> str:
    filled = quote(render(template, scope, _path_value), safe=_LITERAL.replace("?", ""))
    if references(template):
        plain = _decoded(filled)
        # No encoding protects these: clients and servers resolve dot segments, and many fold empty segments.
        if _is_dots_or_empty(plain):
            raise Refused("a value that is empty or only dots cannot stand as a step in the path of a URL")
        own = _decoded(quote(render(template, scope, lambda _: ""), safe=_LITERAL))
        if len(_SEPARATORS.findall(plain)) > len(_SEPARATORS.findall(own)):
            raise Refused("a value that is a slash when it is decoded again cannot stand in the path of a URL")
    return filled


def _decoded(segment: str) -> str:
    """The segment as the most eager server reads it: decoded until nothing changes, with compatible characters.

    Raises Refused for a value that is encoded again and again.
    """
    for _ in range(_DECODINGS):
        plain = unquote(segment)
        if plain == segment:
            return unicodedata.normalize("NFKC", plain)
        segment = plain
    raise Refused("a value that is percent-encoded many times cannot stand in the path of a URL")


def _is_dots_or_empty(segment: str) -> bool:
    """Whether a server may take the segment for `.`, `..` or nothing: some cut it at `;`, and trim spaces and dots."""
    step = segment.partition(";")[0].strip()
    before_query = re.split(r"[?#]", step)[0]
    return not step or (bool(before_query) and not re.sub(r"[.\s]", "", before_query))


def _headers(templates: Mapping[str, Any], scope: Scope) -> dict[str, str]:
    headers = {}
    for name, template in templates.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _RESERVED_HEADERS:
            raise Refused(f"an integration cannot set the header {name!r}")
        value = _CONTROL.sub("", _utf8(_header_value(name, str(template), scope))).strip()
        headers[name] = value.encode().decode("latin-1")  # UTF-8 bytes are sent, as curl does
    return headers


def _header_value(name: str, template: str, scope: Scope) -> str:
    """The header with its values. Raises Refused for one that would add an element to a header with a structure.

    A secret is an administrator's own text, and may be a whole header.
    """
    own = render(template, replace(scope, secret=None), lambda _: "")
    if name.lower() not in _STRUCTURED_HEADERS and not _STRUCTURED.search(own):
        return render(template, scope)
    secrets: set[str] = set()

    def secret(secret_name: str) -> str:
        value = scope.secret(secret_name) if scope.secret else ""
        secrets.add(value)
        return value

    def one_element(text: str) -> str:
        if text not in secrets and _HEADER_SEPARATORS.search(text):
            raise Refused(f'a value with a separator (; , " or \\) cannot stand in the header {name!r}')
        return text

    return render(template, replace(scope, secret=secret), one_element)


def _content(request: Mapping[str, Any], scope: Scope) -> tuple[str, bytes, tuple[Part, ...]]:
    content_type = str(request.get("content_type") or "")
    if content_type == "application/json" and request.get("body") is not None:
        filled = json.dumps(fill(request["body"], scope), ensure_ascii=False, separators=(",", ":"))
        return content_type, _utf8(filled).encode(), ()
    if content_type == "application/x-www-form-urlencoded":
        return content_type, urlencode(list(_pairs(request.get("fields") or {}, scope))).encode(), ()
    if content_type == "multipart/form-data":
        return "", b"", tuple(part for each in request.get("parts") or () for part in _parts(each, scope))
    return "", b"", ()


def _parts(written: Mapping[str, Any], scope: Scope) -> Iterator[Part]:
    """The part as it is written; one for each file where it takes a list."""
    name = str(written["name"])
    if "file" not in written:
        yield Part(name, value=_utf8(as_text(fill(written["value"], scope))))
        return
    value, most = fill(written["file"], scope), int(written.get("files") or 0)
    files = value if most and is_media_list(value) else [value]
    if len(files) > max(1, most):
        raise Refused(f"the part {name!r} takes {most} in a call, and its variable holds {len(files)} files")
    for each in files:
        yield _file_part(name, each, written, scope)


def _file_part(name: str, value: Any, written: Mapping[str, Any], scope: Scope) -> Part:
    if not is_media(value):
        raise Refused(f"the part {name!r} must hold a file, and its variable holds none")
    file = MediaReference.from_json(value)
    wanted = render(str(written.get("filename") or ""), scope)
    known = next((each for each in FORMATS.values() if each.mime == file.mime), None)
    # An API's answer may look like a reference to a file, so even the reference's own name is cleaned again.
    return Part(name, file=replace(file, filename=clean_filename(wanted or file.filename, known) if known else "file"))


def _pairs(written: Mapping[str, Any], scope: Scope) -> Iterator[tuple[str, str]]:
    """Names and values of a query or form. A name repeats only where the author wrote a list."""
    for name, template in written.items():
        for each in template if isinstance(template, list) else [template]:
            yield name, _utf8(as_text(fill(each, scope)))


def _url_as_written(integration: Mapping[str, Any]) -> str:
    path, _, own_query = str(integration["url"]).partition("#")[0].partition("?")
    pairs = [each.partition("=")[0] for each in own_query.split("&") if each] + list(integration.get("query") or {})
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def _percent(text: str) -> str:
    return quote(_utf8(text), safe="")


def _path_value(text: str) -> str:
    """A value as part of one path segment.

    No encoding keeps a slash within its segment: WSGI, nginx and many gateways decode a path before they split it.
    """
    if _SEPARATORS.search(text):
        raise Refused("a value with a slash, a backslash or a control character cannot stand in the path of a URL")
    return _percent(text)


def _utf8(text: str) -> str:
    """The text without lone surrogates: a phone may cut an emoji in two, and half of one cannot be encoded."""
    return text.encode("utf-8", "replace").decode()
