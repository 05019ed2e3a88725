"""What is wrong with an integration as a whole, beyond the kinds of its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatflow.flows.deployment import Deployment, address_trouble
from chatflow.flows.integrations import FILE, FORM, HTTP_RESPONSE_CODE, JSON, MULTIPART, Integration
from chatflow.flows.problems import Finding
from chatflow.flows.references import mistakes, uses, whole_variable

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110: the characters of a header's name
_SECRET = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# What says where a request ends or whom it is for; `chatflow.integrations.request_building` refuses the same.
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect", "keep-alive"}
)


def findings(integration: Integration, deployment: Deployment) -> Iterator[Finding]:
    """Every problem of one integration."""
    url = deployment.filled(integration.url)
    unfilled = deployment.missing(integration.url)
    for message in unfilled or address_trouble(url):
        yield Finding(("url",), message)
    templates = {**integration.templates, "url": "" if unfilled else url}
    for path, message in mistakes(templates, secrets=True):
        yield Finding(path, message)
    for path, reference in uses(templates):
        if reference.source == "secret" and not _SECRET.fullmatch(reference.name):
            yield Finding(path, "A secret's name has small letters, digits, _ and - (at most 64).")
    yield from _header_findings(integration)
    yield from _request_findings(integration)
    yield from _response_findings(integration)


def _header_findings(integration: Integration) -> Iterator[Finding]:
    for name, value in integration.headers.items():
        if not _TOKEN.fullmatch(name):
            yield Finding(("headers", name), "This is not a header's name. It has letters, digits and - only.")
        elif name.lower() in _OURS or (name.lower() == "content-type" and integration.request.parts):
            yield Finding(("headers", name), f'Chatflow writes the header "{name}" itself. Leave it out.')
        if "\n" in value or "\r" in value:
            yield Finding(("headers", name), "A header is one line. Take the line breaks out.")


def _request_findings(integration: Integration) -> Iterator[Finding]:
    request = integration.request
    if integration.method == "GET" and request.content_type:
        yield Finding(("request",), "A GET sends no body. Use POST, or put the values under query.")
    holders = {"parts": (MULTIPART, request.parts), "body": (JSON, request.body), "fields": (FORM, request.fields)}
    for name, (content_type, written) in holders.items():
        if written is None or (name != "body" and not written) or request.content_type == content_type:
            continue
        if any(part.file is not None for part in request.parts) and name == "parts":
            message = f'A file can be uploaded only as "{MULTIPART}". Write content_type: {MULTIPART}.'
        else:
            message = f'"{name}" is sent only with content_type: {content_type}.'
        yield Finding(("request", name), message)
    for name, (content_type, written) in holders.items():
        if request.content_type == content_type and (written is None or (name != "body" and not written)):
            yield Finding(("request", name), f'"{name}" is missing: it is what a body of type {content_type} holds.')
    for place, part in enumerate(request.parts):
        path = ("request", "parts", place)
        if (part.value is None) == (part.file is None):
            yield Finding(path, "A part is either a text (value) or a file (file). Write one of them.")
        elif part.file is not None and not whole_variable(part.file):
            yield Finding((*path, "file"), 'A file is one whole variable, such as "[[file]]".')
        elif part.file is None and part.filename:
            yield Finding((*path, "filename"), "Only a part with a file has a filename.")


def _response_findings(integration: Integration) -> Iterator[Finding]:
    response = integration.response
    if response.content_type == FILE:
        if response.base_element != "$":
            yield Finding(("response", "base_element"), "A file has no elements. Leave base_element out.")
        if response.element_validation != HTTP_RESPONSE_CODE:
            message = f"A file has no elements. Leave element_validation out, or write {HTTP_RESPONSE_CODE}."
            yield Finding(("response", "element_validation"), message)
        return
    if response.filename:
        yield Finding(("response", "filename"), "Only a downloaded file has a filename: write content_type: file.")
    if trouble := _path_trouble(response.base_element):
        yield Finding(("response", "base_element"), trouble)
    if response.element_validation != HTTP_RESPONSE_CODE and (trouble := _path_trouble(response.element_validation)):
        yield Finding(("response", "element_validation"), f"{trouble} Or write {HTTP_RESPONSE_CODE}.")


def _path_trouble(path: str) -> str:
    from jsonpath import JSONPathError, compile

    try:
        compile(path, strict=True)
    except (JSONPathError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        return f'This is not a JSONPath: {reason}. A JSONPath begins with $, as in "$.claim.status".'
    return ""
