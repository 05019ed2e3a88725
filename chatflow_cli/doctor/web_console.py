"""Whether the web console of a deployed stack can be loaded, and signs in at that stack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from chatflow_cli.doctor.finding import Finding, cannot_tell, not_ok, ok

CHECK: Final = "Web console"
_SECONDS: Final = 15
_MOST_BYTES: Final = 100_000
_POLICY: Final = "Content-Security-Policy"
_MEND: Final = "Deploy again; docs/runbook.md, The web console does not load."


def console_findings(outputs: Mapping[str, str]) -> Iterator[Finding]:
    """One finding; none for a stack without a console."""
    url = outputs.get("ConsoleUrl", "")
    if not url:
        return
    try:
        yield _check(url, outputs.get("ConsoleClientId", ""))
    except HTTPError as error:
        yield not_ok(CHECK, f"{url} answers with {error.code}.", _MEND)
    except OSError as error:
        yield cannot_tell(CHECK, f"{url} could not be reached from here: {error}.")


def _check(url: str, client: str) -> Finding:
    page, policy = _get(f"{url}/")
    if "<script" not in page:
        return not_ok(CHECK, f"{url} is not the console's page.", _MEND)
    if not policy:
        return not_ok(CHECK, f"{url} has no {_POLICY}.", "Answer with the headers of docs/console.md.")
    try:
        signs_in_with = json.loads(_get(f"{url}/config.json")[0])["sign_in"]["client_id"]
    except (ValueError, KeyError, TypeError):
        return not_ok(CHECK, f"{url}/config.json is no configuration of the console.", _MEND)
    if signs_in_with != client:
        return not_ok(CHECK, f"{url} signs in at another stack.", _MEND)
    return ok(CHECK, f"{url} loads, and signs in at this stack's user pool.")


def _get(url: str) -> tuple[str, str]:
    """The beginning of a page, and its Content-Security-Policy. Raises OSError, HTTPError."""
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise OSError("its address is neither https nor on this machine")
    with urlopen(Request(url), timeout=_SECONDS) as answer:  # noqa: S310  # nosec B310
        return answer.read(_MOST_BYTES).decode("utf-8", "replace"), answer.headers.get(_POLICY, "")
