"""Where a deployment is: as its outputs say on AWS, as `.local/stack.json` says on this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chatflow_cli.authorization import api_url
from chatflow_cli.connections import on_this_machine
from chatflow_cli.exits import NotLoggedIn, Usage

_REGION = re.compile(r"\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$")
_STACK = Path(".local") / "stack.json"


@dataclass(frozen=True)
class Deployment:
    """`url` is the API's, `client` the app client of its user pool."""

    url: str
    cognito_url: str
    client: str


def deployment(url: str, client: str, region: str, cognito_url: str) -> Deployment:
    """One on AWS; raises Usage when something that cannot be guessed was left out."""
    for address in filter(None, (url, cognito_url)):
        if not _private(address):
            raise Usage(
                f'"{address}" is no address of a deployment.', "It begins with https://, as the stack's outputs."
            )
    if not client:
        raise Usage("Say --client, too.", "It is the stack's output UserPoolClientId; it is not a secret.")
    if not cognito_url:
        found = _REGION.search(urlsplit(url).hostname or "")
        region = region or (found[1] if found else "")
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region):
            raise Usage("Say --region, too.", "It is not to be seen in the address.", "Such as --region eu-central-1")
        domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        cognito_url = f"https://cognito-idp.{region}.{domain}/"
    return Deployment(api_url(url), cognito_url, client)


def local_deployment(user: str) -> tuple[Deployment, str, str]:
    """The local stack, and its admin's name and password; raises NotLoggedIn when none is up."""
    for folder in _folders():
        try:
            stack = json.loads((folder / _STACK).read_text())
            client = stack["outputs"]["UserPoolClientId"]
            there = Deployment(api_url(stack["management_url"]), f"{stack['aws_endpoint_url']}/", client)
            known = stack["admin_user"]
            if not (on_this_machine(there.url) and on_this_machine(there.cognito_url)):
                continue  # whoever laid a file here must not learn a password that is typed
        except (OSError, ValueError, KeyError):
            continue
        # Another person than the admin has a password of his own.
        return there, user or known, stack["admin_password"] if user in ("", known) else ""
    raise NotLoggedIn(
        "There is no local stack.",
        "No .local/stack.json here or above that tells of a management API.",
        "Start one with `make up`, or say which deployment: chatflow login URL --client CLIENT",
    )


def _private(url: str) -> bool:
    """Whether nobody on the way reads a password or a token that is sent there."""
    scheme = urlsplit(url).scheme
    return scheme == "https" or (scheme == "http" and on_this_machine(url))


def _folders() -> Iterator[Path]:
    """Here and above; then the checkout that this command was installed from."""
    here = Path.cwd()
    yield from (here, *here.parents)
    yield Path(__file__).resolve().parents[1]
