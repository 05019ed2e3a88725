"""Cognito patches: the revocation endpoint of a user pool's domain."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from local.emulator.patching import rewrite


def serve_revocation_endpoint() -> None:
    """`POST /oauth2/revoke` ends a refresh token and what came from it; the emulator knows the action RevokeToken only.

    Signing out of the web console calls it.
    """
    from ministack import app
    from ministack.services import cognito

    def revoke(body: bytes) -> tuple[int, dict[str, Any], bytes]:
        form = parse_qs(body.decode())
        if not form.get("token"):
            return 400, {"Content-Type": "application/json"}, json.dumps({"error": "invalid_request"}).encode()
        cognito._revoke_token({"Token": form["token"][0]})
        return 200, {"Content-Type": "application/json"}, b""

    token = '    if path == "/oauth2/token" and method == "POST":\n'
    revocation = '    if path == "/oauth2/revoke" and method == "POST":\n        return revoke_by_form(body)\n'
    rewrite(app, "_handle_cognito_body_request", (token, revocation + token), revoke_by_form=revoke)
