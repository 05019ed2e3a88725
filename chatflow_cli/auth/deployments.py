"""Finds a deployment: on AWS from the stack's outputs, on this machine from `.local/stack.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chatflow_cli.errors import NotAllowed, UsageError
from chatflow_cli.http_client import is_loopback

_REGION = re.compile(r"\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$")
_STACK_FILE = Path(".local") / "stack.json"


@dataclass(frozen=True)
class Deployment:
    """`url` is the base URL of the API's operations, `client` the app client of its user pool."""

    url: str
    cognito_url: str
    client: str


def api_url(url: str) -> str:
    """The base URL of the API's operations, whether or not the URL already ends with /api/v1."""
    url = url.rstrip("/")
    return url if url.endswith("/api/v1") else f"{url}/api/v1"


def aws_deployment(url: str, client: str, region: str, cognito_url: str) -> Deployment:
    """A deployment on AWS. Raises UsageError when an address is not HTTPS or something is missing."""
    for address in filter(None, (url, cognito_url)):
        if not _is_confidential(address):
            raise UsageError(
                f'"{address}" is no address of a deployment.', "It begins with https://, as the stack's outputs."
            )
    if not client:
        raise UsageError("Say --client, too.", "It is the stack's output UserPoolClientId; it is not a secret.")
    if not cognito_url:
        match = _REGION.search(urlsplit(url).hostname or "")
        region = region or (match[1] if match else "")
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region):
            raise UsageError(
                "Say --region, too.", "It is not to be seen in the address.", "Such as --region eu-central-1"
            )
        domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        cognito_url = f"https://cognito-idp.{region}.{domain}/"
    return Deployment(api_url(url), cognito_url, client)


def local_deployment(user: str) -> tuple[Deployment, str, str]:
    """The running local stack, and the user's name and password.

    The default user is the admin; the password of any other user is "", since it is not known here.
    Raises NotAllowed when no local stack is found.
    """
    for folder in _search_folders():
        try:
            stack = json.loads((folder / _STACK_FILE).read_text())
            client = stack["outputs"]["UserPoolClientId"]
            deployment = Deployment(api_url(stack["management_url"]), f"{stack['aws_endpoint_url']}/", client)
            admin = stack["admin_user"]
            if not (is_loopback(deployment.url) and is_loopback(deployment.cognito_url)):
                continue  # a planted file must not send a typed password to another machine
        except (OSError, ValueError, KeyError):
            continue
        return deployment, user or admin, stack["admin_password"] if user in ("", admin) else ""
    raise NotAllowed(
        "There is no local stack.",
        "No .local/stack.json here or above that tells of a management API.",
        "Start one with `make up`, or say which deployment: chatflow login URL --client CLIENT",
    )


def _is_confidential(url: str) -> bool:
    """Whether a password or token can be sent there without being read on the way: HTTPS, or this machine."""
    scheme = urlsplit(url).scheme
    return scheme == "https" or (scheme == "http" and is_loopback(url))


def _search_folders() -> Iterator[Path]:
    """The current folder and those above it; then the checkout that this command was installed from."""
    current = Path.cwd()
    yield from (current, *current.parents)
    yield Path(__file__).resolve().parents[2]
