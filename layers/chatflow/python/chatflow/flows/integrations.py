"""Integrations: saved definitions of one HTTP call to the business's API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chatflow.flows.fields import Duration, Name, Strict
from chatflow.flows.references import whole_variable
from chatflow.templating import names

MULTIPART = "multipart/form-data"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
FILE = "file"
HTTP_RESPONSE_CODE = "HTTP_RESPONSE_CODE"

Short = Annotated[str, Field(max_length=2048)]
PartName = Annotated[str, Field(min_length=1, max_length=100)]


class Part(Strict):
    """One part of a multipart body: a text, or a file."""

    name: PartName = Field(description="What the business's API calls this part.")
    value: Short | None = Field(default=None, description="The text of the part.")
    file: Short | None = Field(default=None, description='The variable that holds the file, such as "[[file]]".')
    filename: Short = Field(default="", description="What to call the file; empty means: as the customer called it.")

    def published(self) -> dict[str, str]:
        if self.file is not None:
            return {"name": self.name, "file": self.file, "filename": self.filename}
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
    """What to make of the answer."""

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
    """How often to try."""

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
    response: Response = Field(default=Response(), description="What to make of the answer.")
    timeout: Annotated[float, Duration(1, 60)] = Field(
        default=20, description="How long one attempt may take, such as 20s."
    )
    retry: Retry = Field(default=Retry(), description="How often to try.")

    @property
    def templates(self) -> dict[str, Any]:
        """The fields in which parameters, facts and secrets are filled in."""
        return self.model_dump(include={"url", "headers", "query", "request"}) | {
            "response": {"filename": self.response.filename}
        }

    @property
    def parameters(self) -> frozenset[str]:
        """The names that an API Integration node has to give."""
        return frozenset(names(self.templates))

    @property
    def file_parameters(self) -> frozenset[str]:
        """The parameters that are uploaded as files."""
        return frozenset(whole_variable(part.file) for part in self.request.parts if part.file) - {""}

    @property
    def text_parameters(self) -> frozenset[str]:
        """The parameters that are written into text, where a file would be no more than its name."""
        parts = [{"value": part.value or ""} for part in self.request.parts]
        elsewhere = self.model_dump(include={"url", "headers", "query"})
        body = {"parts": parts, "body": self.request.body, "fields": self.request.fields}
        return frozenset(names([elsewhere, body]))

    @property
    def seconds(self) -> int:
        """How long a visit that makes this call may take, retries included: never longer than a visit may."""
        return min(60, round(self.timeout * self.retry.attempts) + self.retry.attempts + 2)

    def published(self, url: str) -> dict[str, Any]:
        """The definition as the API Integration's rule reads it; `url` is the one of this deployment."""
        request = self.request
        return {
            "name": self.integration,
            "method": self.method,
            "url": url,
            "headers": self.headers,
            "query": self.query,
            "request": {
                "content_type": request.content_type,
                "parts": [part.published() for part in request.parts],
                "body": request.body,
                "fields": request.fields,
            },
            "response": self.response.model_dump(),
            "timeout": float(self.timeout),
            "retry": {"attempts": self.retry.attempts},
        }
