"""Uses the deployment by its own API: signs in, uploads an asset, publishes a flow; and removes what it made."""

from __future__ import annotations

import base64
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chatflow_cli.api import api_path
from chatflow_cli.doctor.finding import Finding, Verdict, cannot_tell, not_ok, ok
from chatflow_cli.doctor.smoke_flow import SmokeFlow
from chatflow_cli.errors import CommandError, NotAllowed, NotFound, UsageError
from chatflow_cli.uploads import upload_asset

if TYPE_CHECKING:
    from chatflow_cli.command import CommandContext

_SIGN_IN: Final = "Sign in"
_ASSET: Final = "Asset"
_FLOW: Final = "Flow"
_UNCHECKED: Final = ": signing in, an asset and a flow are not checked."
_CHECK_SECONDS: Final = 90.0  # until an uploaded file is checked
# A PNG of one pixel.
_PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def trial_findings(context: CommandContext, outputs: Mapping[str, str], flow: SmokeFlow) -> Iterator[Finding]:
    """`context` has the login that is used; `outputs` are the stack's."""
    signed_in = _attempt(_SIGN_IN, lambda: _sign_in(context, outputs))
    yield signed_in
    if signed_in.verdict is not Verdict.OK:
        return
    yield from _trial(_ASSET, lambda name: _upload(context, name), f"{flow.name}.png", "assets", context)
    yield from _trial(_FLOW, lambda _: _publish(context, flow), flow.name, "flows", context)


def _sign_in(context: CommandContext, outputs: Mapping[str, str]) -> Finding:
    """Renews the login in the user pool, then asks the API who one is."""
    from chatflow_cli.auth.tokens import ProfileTokens, api_access

    try:
        url, tokens = api_access(context.profiles, context.profile)
    except NotAllowed:
        return cannot_tell(_SIGN_IN, f"You are not logged in{_UNCHECKED}", _login(context, outputs))
    if not is_same_deployment(url, outputs["ManagementUrl"]):
        return cannot_tell(
            _SIGN_IN, f"You are logged in to {url}, not to this stack{_UNCHECKED}", _login(context, outputs)
        )
    if isinstance(tokens, ProfileTokens):
        tokens.renew()
    me = context.api.get("/me")
    return ok(_SIGN_IN, f"as {me['name']}, with the role {', '.join(me['roles']) or 'none'}")


def _login(context: CommandContext, outputs: Mapping[str, str]) -> str:
    """The command that logs in to this stack. An emulator's API has another address than the stack names."""
    command = "chatflow login" if "AWS_ENDPOINT_URL" in os.environ else outputs["CommandLine"]
    return f"Log in: {command}" + ("" if context.profile == "default" else f" --profile {context.profile}")


def is_same_deployment(url: str, deployed: str) -> bool:
    """Whether `url` is of the API that the stack names. An emulator serves it at another host, under the API's id."""
    api_id = (urlsplit(deployed).hostname or "").partition(".")[0]
    return api_id in re.split(r"[/.]+", url) and urlsplit(url).path.endswith(urlsplit(deployed).path)


def _upload(context: CommandContext, name: str) -> Finding:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(_PICTURE)
        asset = upload_asset(context, "/assets", file, {"filename": name, "name": name}, _CHECK_SECONDS)
    if asset.get("state") == "rejected":
        return not_ok(_ASSET, f"A sound picture was rejected: {asset.get('reason')}", _see_log("assets"))
    if asset.get("state") != "ready":
        return not_ok(_ASSET, f"A picture was still not checked after {_CHECK_SECONDS:.0f} s.", _see_log("assets"))
    return ok(_ASSET, "a picture was uploaded, checked and ready")


def _publish(context: CommandContext, flow: SmokeFlow) -> Finding:
    path = api_path("flows", flow.name)
    draft = context.api.request("PUT", f"{path}/draft", text=flow.text, if_none_match="*")
    note = {"note": "chatflow doctor"}
    context.api.request("POST", f"{path}/publish", json=note, if_match=draft.etag)
    live = context.api.get(path)
    if live.get("version") != 1:
        return not_ok(_FLOW, "A flow was published and is not live.", _see_log("management"))
    return ok(_FLOW, "a flow was published and live")


def _trial(
    check: str, use: Callable[[str], Finding], name: str, collection: str, context: CommandContext
) -> Iterator[Finding]:
    """Make the thing and use it; remove it in any case, and say so when that fails."""
    removed = ""
    try:
        finding = _attempt(check, lambda: use(name))
    finally:
        removed = _remove(context, collection, name)
    yield finding
    # Whoever may not make it may not look whether it is there, either.
    if removed and finding.verdict is not Verdict.CANNOT_TELL:
        mend = f"chatflow assets rm {name}" if collection == "assets" else f"chatflow flows delete {name}"
        yield not_ok(check, f"What the check made is still there: {name}. {removed}", f"Remove it: {mend}")


def _remove(context: CommandContext, collection: str, name: str) -> str:
    """Returns why it is still there; "" when it is not."""
    path = api_path(collection, name)
    try:
        etag = context.api.request("GET", path).etag
        context.api.request("DELETE", path, if_match=etag)
    except NotFound:  # it was never made
        return ""
    except CommandError as error:
        return " ".join(filter(None, (error.title, error.detail)))
    return ""


def _attempt(check: str, ask: Callable[[], Finding]) -> Finding:
    """The finding of `ask`; without a login or the role, nothing can be told."""
    try:
        return ask()
    except (NotAllowed, UsageError) as error:
        return cannot_tell(check, " ".join(filter(None, (error.title, error.detail))), error.advice)
    except CommandError as error:
        return not_ok(
            check, " ".join(filter(None, (error.title, error.detail))), error.advice or _see_log("management")
        )


def _see_log(function: str) -> str:
    return f"See the log of the function {function}."
