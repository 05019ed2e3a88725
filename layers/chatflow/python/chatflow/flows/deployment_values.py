"""Values that differ between deployments, such as the address of the business's API. Filled in at publishing.

`flows/deployment.yaml` holds the defaults; a deployment may override them. `[[deployment:name]]` may stand only at the
start of an integration's url, so that no customer input can ever choose the host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chatflow.flows.problems import Finding, suggestion
from chatflow.flows.template_references import DEPLOYMENT

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_LOCAL = re.compile(r"localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\]")


@dataclass(frozen=True)
class Deployment:
    """The values of one deployment, by name."""

    values: Mapping[str, str] = field(default_factory=dict)

    def filled(self, url: str) -> str:
        """Replace the `[[deployment:name]]` that the url begins with; unchanged when there is none or it is unknown."""
        found = DEPLOYMENT.match(url)
        value = self.values.get(found[1].strip()) if found else None
        return value.rstrip("/") + url[found.end() :] if found and value is not None else url

    def missing(self, url: str) -> list[str]:
        """A message when the url begins with an undefined value; empty otherwise."""
        found = DEPLOYMENT.match(url)
        if found is None or found[1].strip() in self.values:
            return []
        name = found[1].strip()
        return [f'deployment.yaml has no value "{name}".{suggestion(name, self.values)}']


def address_problems(url: str) -> list[str]:
    """Problems of a url's scheme and host. The host must be written out; http is accepted for this machine only."""
    scheme, colon, rest = url.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if not colon or scheme not in ("https", "http"):
        return ["A url begins with https://, or with one [[deployment:name]]."]
    if "[[" in host:
        return ["The host must be written out: a variable there would let a customer choose whom we call."]
    if "@" in host:
        return ["A url holds no user name or password. Put them in a header, as [[secret:name]]."]
    name, port = _split(host)
    if not _HOST.fullmatch(name) or not (port == "" or (port.isdigit() and 0 < int(port) < 65536)):
        return [f'"{host}" is not the name of a host.']
    if scheme == "http" and not _LOCAL.fullmatch(name):
        return ["Customers' data travels only by https://. Plain http:// is taken for this machine alone."]
    if "#" in rest:
        return ["What follows a # is never sent. Take it out of the url."]
    return []


def value_findings(values: Mapping[str, object]) -> Iterator[Finding]:
    """Problems of the values of `deployment.yaml`. Each value is the beginning of a url."""
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            yield Finding((name,), "A value's name is a small letter, then small letters, digits and _.")
        elif not isinstance(value, str):
            yield Finding((name,), "Write an address here, such as https://business.example.com.")
        else:
            yield from (Finding((name,), message) for message in address_problems(value))
            if "[[" in value or urlsplit(value).query:
                yield Finding((name,), "An address holds no variables and no question mark.")


def _split(host: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(.*))?", host)
    return (found[1], found[2] or "") if found else (host, "")
