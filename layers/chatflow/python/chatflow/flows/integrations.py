"""Integrations: saved definitions of one HTTP call to the business's API, and their validation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from chatflow.flows.deployment_values import Deployment, address_problems
from chatflow.flows.fields import Duration, Name, Strict
from chatflow.flows.problems import Finding
from chatflow.flows.repair import PLACEHOLDER
from chatflow.flows.template_references import single_variable, template_problems, uses
from chatflow.integrations.host_health import host_of
from chatflow.integrations.simple_paths import is_simple
from chatflow.media.reference import MOST_FILES
from chatflow.templating import names

MULTIPART = "multipart/form-data"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
FILE = "file"
MOST_CALLS = 1000  # at one host: the limit of turns that run at once
HTTP_RESPONSE_CODE = "HTTP_RESPONSE_CODE"

Short = Annotated[str, Field(max_length=2048)]
PartName = Annotated[str, Field(min_length=1, max_length=100)]


class Part(Strict):
    """One part of a multipart body: a text, or a file."""

    name: PartName = Field(description="What the business's API calls this part.")
    value: Short | None = Field(default=None, description="The text of the part.")
    file: Short | None = Field(default=None, description='The variable that holds the file, such as "[[file]]".')
    filename: Short = Field(default="", description="What to call the file; empty means: as the customer called it.")
    files: Annotated[int, Field(ge=1, le=MOST_FILES)] | None = Field(
        default=None,
        description="How many files the API takes under this name in one call; a list is sent as so many parts of the "
        "same name. Empty means: one file, and no list.",
    )

    def compiled(self) -> dict[str, Any]:
        if self.file is not None:
            most = {"files": self.files} if self.files else {}
            return {"name": self.name, "file": self.file, "filename": self.filename, **most}
        return {"name": self.name, "value": self.value or ""}


class Request(Strict):
    """What is sent in the body."""

    content_type: Literal["multipart/form-data", "application/json", "application/x-www-form-urlencoded", ""] = Field(
        default="", description="How the body is written; empty sends none."
    )
    parts: list[Part] = Field(default=[], description="The parts of a multipart/form-data body.", max_length=50)
    body: Any = Field(default=None, description="The JSON of an application/json body.")
    fields: dict[str, Short | list[Short]] = Field(
        default={}, description="The fields of an application/x-www-form-urlencoded body."
    )


class Response(Strict):
    """How the response is interpreted."""

    content_type: Literal["application/json", "file"] = Field(
        default="application/json", description="`file` keeps the body as a file that a Media node can send."
    )
    base_element: str = Field(default="$", description="JSONPath (RFC 9535); what is inside becomes variables.")
    element_validation: str = Field(
        default=HTTP_RESPONSE_CODE, description="HTTP_RESPONSE_CODE, or a JSONPath; its value chooses the exit."
    )
    success: list[Annotated[int, Field(ge=100, le=599)]] = Field(
        default=[], description="The status codes that are a success; empty means every 2xx."
    )
    filename: Short = Field(
        default="", description="What to call a downloaded file; empty means: as the business's API does."
    )


class Retry(Strict):
    """The retry policy."""

    attempts: Annotated[int, Field(ge=1, le=5)] = Field(default=3, description="How often the call is tried at most.")


class Integration(Strict):
    """A saved definition of one HTTP call to the business's API."""

    integration: Name = Field(description="The name that API Integration nodes use.")
    title: str = Field(default="", max_length=200, description="A few words for people.")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(description="The HTTP method.")
    url: Annotated[str, Field(min_length=1, max_length=2048)] = Field(
        description="Where to call. The host must be written out, or be one [[deployment:name]] at the start."
    )
    headers: dict[str, Short] = Field(default={}, description="HTTP headers. Secrets are [[secret:name]].")
    query: dict[str, Short | list[Short]] = Field(
        default={}, description="What is added to the url after the question mark; a list repeats its name."
    )
    request: Request = Field(default=Request(), description="What is sent in the body.")
    response: Response = Field(default=Response(), description="How the response is interpreted.")
    timeout: Annotated[float, Duration(1, 60)] = Field(
        default=20, description="How long one attempt may take, such as 20s."
    )
    retry: Retry = Field(default=Retry(), description="The retry policy.")
    at_most: Annotated[int, Field(ge=1, le=MOST_CALLS)] | None = Field(
        default=None,
        description="How many calls may be at the host of the url at the same time; empty means half of the turns that "
        "run at once. Integrations of one host have the same number.",
    )

    @property
    def templates(self) -> dict[str, Any]:
        """The fields that may hold templates."""
        return self.model_dump(include={"url", "headers", "query", "request"}) | {
            "response": {"filename": self.response.filename}
        }

    @property
    def parameters(self) -> frozenset[str]:
        """The parameters that an API Integration node must supply."""
        return frozenset(names(self.templates))

    @property
    def file_parameters(self) -> frozenset[str]:
        """The parameters that are uploaded as files."""
        return frozenset(single_variable(part.file) for part in self.request.parts if part.file) - {""}

    def files_taken(self, parameter: str) -> int:
        """How many files of a list this parameter takes in one call; 0 for no list."""
        taken = [part.files or 0 for part in self.request.parts if single_variable(part.file or "") == parameter]
        return min(taken, default=0)

    @property
    def text_parameters(self) -> frozenset[str]:
        """The parameters that are inserted into text. A file given there is reduced to its name."""
        parts = [{"value": part.value or ""} for part in self.request.parts]
        elsewhere = self.model_dump(include={"url", "headers", "query"})
        body = {"parts": parts, "body": self.request.body, "fields": self.request.fields}
        return frozenset(names([elsewhere, body]))

    @property
    def incomplete(self) -> bool:
        """Whether it may have more parameters: a broken field was filled in with a placeholder."""
        return PLACEHOLDER.search(json.dumps(self.templates)) is not None

    @property
    def seconds(self) -> int:
        """Seconds that a visit with this call may take, retries included; at most 60, the limit of a visit."""
        return min(60, round(self.timeout * self.retry.attempts) + self.retry.attempts + 2)

    def compiled(self, url: str) -> dict[str, Any]:
        """The definition as the API Integration rule reads it. `url` is the url of this deployment."""
        request = self.request
        return {
            "name": self.integration,
            "method": self.method,
            "url": url,
            "headers": self.headers,
            "query": self.query,
            "request": {
                "content_type": request.content_type,
                "parts": [part.compiled() for part in request.parts],
                "body": request.body,
                "fields": request.fields,
            },
            "response": self.response.model_dump(),
            "timeout": float(self.timeout),
            "retry": {"attempts": self.retry.attempts},
            **({"at_most": self.at_most} if self.at_most else {}),
        }


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110: the characters of a header's name
_SECRET = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# Headers that frame or route a request; `chatflow.integrations.request_building` refuses the same.
_RESERVED_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect", "keep-alive"}
)


def findings(integration: Integration, deployment: Deployment) -> Iterator[Finding]:
    """Validate one integration beyond the types of its fields."""
    url = deployment.filled(integration.url)
    unfilled = deployment.missing(integration.url)
    for message in unfilled or address_problems(url):
        yield Finding(("url",), message)
    templates = {**integration.templates, "url": "" if unfilled else url}
    for path, message in template_problems(templates, secrets=True):
        yield Finding(path, message)
    for path, reference in uses(templates):
        if reference.source == "secret" and not _SECRET.fullmatch(reference.name):
            yield Finding(path, "A secret's name has small letters, digits, _ and - (at most 64).")
    yield from _header_findings(integration)
    yield from _request_findings(integration)
    yield from _response_findings(integration)


def host_called(integration: Integration, deployment: Deployment) -> str:
    """The host that an integration calls, with its port; "" while its url has a problem."""
    url = deployment.filled(integration.url)
    return "" if deployment.missing(integration.url) or address_problems(url) else host_of(url)


def host_findings(integrations: Iterable[Integration], deployment: Deployment) -> Iterator[tuple[Integration, Finding]]:
    """Validate what integrations of one host have in common: its slots, so how many calls may be there."""
    hosts: dict[str, list[Integration]] = {}
    for each in sorted(integrations, key=lambda each: each.integration):
        if host := host_called(each, deployment):
            hosts.setdefault(host, []).append(each)
    for host, sharing in hosts.items():
        numbers = {each.at_most: each for each in sharing if each.at_most}
        for other in sharing if numbers else ():
            most, first = next(iter(numbers.items()))
            if other.at_most != most:
                message = (
                    f'"{first.integration}" lets {most} calls be at {host} at the same time. Integrations of one host '
                    "share them: write the same at_most here."
                )
                yield other, Finding(("at_most",), message)


def _header_findings(integration: Integration) -> Iterator[Finding]:
    for name, value in integration.headers.items():
        if not _TOKEN.fullmatch(name):
            yield Finding(("headers", name), "This is not a header's name. It has letters, digits and - only.")
        elif name.lower() in _RESERVED_HEADERS or (name.lower() == "content-type" and integration.request.parts):
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
        elif part.file is not None and not single_variable(part.file):
            yield Finding((*path, "file"), 'A file is one whole variable, such as "[[file]]".')
        elif part.file is None and part.filename:
            yield Finding((*path, "filename"), "Only a part with a file has a filename.")
        elif part.file is None and part.files:
            yield Finding((*path, "files"), "Only a part with a file takes files.")


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
    if problem := _path_problem(response.base_element):
        yield Finding(("response", "base_element"), problem)
    if response.element_validation != HTTP_RESPONSE_CODE and (problem := _path_problem(response.element_validation)):
        yield Finding(("response", "element_validation"), f"{problem} Or write {HTTP_RESPONSE_CODE}.")


def _path_problem(path: str) -> str:
    if is_simple(path):
        return ""
    from chatflow.integrations.json_path import BadPath, check_path

    try:
        check_path(path)
    except BadPath as error:
        return f'This is not a JSONPath: {error}. A JSONPath begins with $, as in "$.claim.status".'
    return ""
