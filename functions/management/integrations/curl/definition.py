"""Makes the definition of an integration of a curl command. Pure: the command is read, and never run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus

from pydantic import ValidationError

from chatflow.flows.deployment_values import Deployment, address_problems
from chatflow.flows.integrations import FORM, JSON, MULTIPART, Integration, findings
from chatflow.media.reference import MOST_FILES
from management.integrations.curl.credentials import Credentials, looks_like_credential, names_credential
from management.integrations.curl.curl_command import CurlCommand, read_curl

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Headers that the connection writes, or that a browser sends and no API asks for.
_LEFT_OUT: Final = re.compile(
    r"host|content-length|transfer-encoding|connection|upgrade|te|trailer|expect|keep-alive|proxy-.*|sec-.*|dnt|"
    r"accept-encoding|accept-language|origin|referer|user-agent|pragma|cache-control|upgrade-insecure-requests|priority|:.*"
)
_BY_CHATFLOW: Final = frozenset({"content-length", "connection", "accept-encoding", "keep-alive"})
_COMMON_LABELS: Final = frozenset({"www", "api", "com", "org", "net", "co", "io", "app", "dev"})


@dataclass(frozen=True)
class Definition:
    """An integration as JSON, and what its author should know: what was left out, and which secrets to set."""

    document: dict[str, Any]
    warnings: list[str]


def from_curl(text: str) -> Definition:
    """The integration that makes the request of a curl command. Raises UnreadableCommand."""
    return _Definition(read_curl(text)).made()


class _Definition:
    def __init__(self, command: CurlCommand) -> None:
        self._command = command
        self._warnings = list(command.warnings)
        self._url, self._raw_query = self._address(command.url)
        self._host = re.split(r"[/?#]", self._url.partition("://")[2], maxsplit=1)[0]
        self._credentials = Credentials(_host_word(self._host), self._host)

    def made(self) -> Definition:
        command = self._command
        url = self._without_credentials(self._url)
        headers = self._headers()
        query, bare = self._query()
        request = self._request()
        document: dict[str, Any] = {
            "integration": _name(self._url) or _host_word(self._host),
            "method": self._method(has_body=bool(request)),
            "url": url + (f"?{bare}" if bare else ""),
            "headers": headers,
            "query": query,
            "request": request,
        }
        if 1 <= command.seconds <= 60:
            document["timeout"] = f"{command.seconds:g}s"
        if command.retries:
            document["retry"] = {"attempts": min(command.retries + 1, 5)}
        document = self._credentials.removed_from({name: each for name, each in document.items() if each})
        given = [
            f"A variable of your shell became the parameter {name}: the flow gives its value."
            for name in command.variables
            if f"[[{name}]]" in json.dumps(document)
        ]
        warnings = [*self._warnings, *given, *self._credentials.warnings, *_problems(document)]
        return Definition(document, list(dict.fromkeys(warnings)))

    def _address(self, written: str) -> tuple[str, str]:
        """The address without user, query and fragment; and the text of the query."""
        url, _, query = written.strip().partition("#")[0].partition("?")
        scheme, colon, rest = url.partition("://")
        if not colon:
            scheme, rest = "https", url
            self._warnings.append("The address had no https:// and got it.")
        host, slash, path = rest.partition("/")
        user, at, host = host.rpartition("@")
        if at and not self._command.user:
            self._command.user = user
        url = f"{scheme.lower()}://{host}{slash}{path}"
        secure = f"https://{host}{slash}{path}"
        if scheme.lower() == "http" and address_problems(url) and not address_problems(secure):
            self._warnings.append(
                "The address was http:// and became https://: customers' data travels encrypted only."
            )
            url = secure
        return url, "&".join(filter(None, (query, self._command.query)))

    def _without_credentials(self, url: str) -> str:
        scheme, _, rest = url.partition("://")
        host, *steps = rest.split("/")
        path = [
            self._credentials.reference(step, "A part of the address", "address")
            if looks_like_credential(step, random=True)
            else step
            for step in steps
        ]
        return f"{scheme}://{'/'.join([host, *path])}"

    def _method(self, *, has_body: bool) -> str:
        method = self._command.method
        if method not in _METHODS:
            self._warnings.append(f"The method {method[:20]} is not possible here.")
            method = "POST" if has_body else "GET"
        elif method == "GET" and has_body:
            self._warnings.append("A GET sends no body here: the method became POST.")
            method = "POST"
        return method

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        left_out = []
        for name, value in self._command.headers:
            if name.lower() == "content-type":
                continue
            if _LEFT_OUT.fullmatch(name.lower()):
                left_out.append(name[:40])
                continue
            known = next((each for each in headers if each.lower() == name.lower()), name)
            joint = "; " if name.lower() == "cookie" else ", "
            headers[known] = joint.join(filter(None, (headers.get(known, ""), value)))
        if shown := [name for name in dict.fromkeys(left_out) if name.lower() not in _BY_CHATFLOW]:
            self._warnings.append(f"Left out, because an API does not need them: {', '.join(shown)}.")
        headers = {name: self._credentials.header(name, value) for name, value in headers.items()}
        if self._command.user and not any(name.lower() == "authorization" for name in headers):
            what = "the Base64 form of user:password"
            place = "What the command signs in with (-u)"
            headers["Authorization"] = (
                f"Basic {self._credentials.reference(self._command.user, place, 'login', what=what)}"
            )
        content_type, kept = self._content_type()
        return headers | ({"Content-Type": kept} if kept and content_type else {})

    def _content_type(self) -> tuple[str, str]:
        """The type of the body in the definition, empty for none; and a header for a type that is written otherwise."""
        command = self._command
        if command.parts:
            return MULTIPART, ""
        if not command.data:
            return "", ""
        written = next((value for name, value in command.headers if name.lower() == "content-type"), "")
        base = (written or command.data_type or FORM).partition(";")[0].strip().lower()
        if base == JSON or base.endswith("+json"):
            return JSON, "" if base == JSON else written
        if base == FORM:
            is_json = not written and command.data.lstrip()[:1] in ("{", "[") and _parsed(command.data) is not None
            if is_json:
                self._warn("The body is JSON and is sent as JSON; curl would send it as a form.")
            return (JSON if is_json else FORM), ""
        return "", ""

    def _query(self) -> tuple[dict[str, Any], str]:
        """The values by name; and the text of those without one, which stay in the address."""
        pairs, bare = [], []
        for each in filter(None, self._raw_query.split("&")):
            name, equals, value = each.partition("=")
            decoded = unquote_plus(name), unquote_plus(value)
            if equals and name and "\ufffd" not in "".join(decoded):
                pairs.append(decoded)
            elif looks_like_credential(each, random=True) or names_credential(name, address=True):
                self._warn("A part of the query was left out, because it may be a credential.")
            else:
                bare.append(each)
        return self._by_name(pairs, "The value {} of the query", address=True), "&".join(bare)

    def _request(self) -> dict[str, Any]:
        command = self._command
        content_type, _ = self._content_type()
        if content_type == MULTIPART:
            return {"content_type": MULTIPART, "parts": self._parts()}
        if content_type == JSON:
            body = _parsed(command.data or "")
            if body is None:
                self._warn("The body says it is JSON and is not: write it anew.")
                body = {}
            return {"content_type": JSON, "body": self._json(body)}
        if content_type == FORM:
            pairs = [each.partition("=") for each in filter(None, (command.data or "").split("&"))]
            if all(equals for _, equals, _ in pairs):
                decoded = [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]
                return {"content_type": FORM, "fields": self._by_name(decoded, "The field {}")}
        if command.data:
            self._warn("A body is JSON, a form, or parts with files here: the body of the command was left out.")
        return {}

    def _by_name(self, pairs: Iterable[tuple[str, str]], place: str, *, address: bool = False) -> dict[str, Any]:
        found: dict[str, list[str]] = {}
        for name, value in pairs:
            if names_credential(name, address=address) or looks_like_credential(value, random=address):
                value = self._credentials.reference(value, place.format(name[:40]), name)  # noqa: PLW2901
            found.setdefault(name, []).append(value)
        return {name: values[0] if len(values) == 1 else values for name, values in found.items()}

    def _json(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {each: self._json(inside, each) for each, inside in value.items()}
        if isinstance(value, list):
            return [self._json(each, name) for each in value]
        if isinstance(value, str) and (names_credential(name) or looks_like_credential(value)):
            return self._credentials.reference(value, f"The field {name[:40]} of the body", name or "value")
        return value

    def _parts(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        files: dict[str, dict[str, Any]] = {}  # by the name of the part
        for part in self._command.parts:
            if not part.is_file:
                (value,) = self._by_name([(part.name, part.value)], "The part {}").values()
                parts.append({"name": part.name, "value": value})
            elif part.name in files:
                files[part.name]["files"] = min(files[part.name].get("files", 1) + 1, MOST_FILES)
                self._warn(f"The part {part.name[:40]} takes a list of files: set how many the API takes in a call.")
            else:
                taken = {each["file"] for each in files.values()}
                file = {"name": part.name, "file": f"[[{_parameter(part.name, taken)}]]"}
                files[part.name] = file | ({"filename": part.filename} if part.filename else {})
                parts.append(files[part.name])
        return parts

    def _warn(self, message: str) -> None:
        self._warnings.append(message)


def _parsed(text: str) -> Any:
    """The JSON in a text, None if it is none."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> None:
    raise ValueError(name)


def _problems(document: dict[str, Any]) -> list[str]:
    """What has to be mended before the definition can be published."""
    try:
        integration = Integration.model_validate(document)
    except ValidationError as error:
        return [f"{'.'.join(map(str, each['loc']))}: this is not allowed, or too long." for each in error.errors()]
    return [each.message for each in findings(integration, Deployment())]


def _host_word(host: str) -> str:
    """The word of a host's name that people know it by."""
    name = host.rpartition(":")[0] or host
    labels = [label for label in name.lower().split(".") if re.fullmatch(r"[a-z][a-z0-9-]{0,30}", label)]
    known = [label for label in labels[:-1] or labels if label not in _COMMON_LABELS]
    return known[-1] if known else "call"


def _name(url: str) -> str:
    """A name from the last step of an address that is words."""
    steps = url.partition("://")[2].split("/")[1:]
    words = [step.lower().replace("_", "-") for step in steps if re.fullmatch(r"[A-Za-z][A-Za-z_-]{2,30}", step)]
    return words[-1] if words else ""


def _parameter(part: str, taken: set[str]) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", part.lower()).strip("_")[:40]
    name = words if re.match(r"[a-z]", words) else "file"
    return next(each for each in (name, *(f"{name}_{n}" for n in range(2, 60))) if f"[[{each}]]" not in taken)
