"""Cognito patches: revocation and renewal of tokens."""

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


def keep_sign_in_in_renewed_tokens() -> None:
    """Tokens from a refresh token have the groups of the user and the `auth_time` of the sign-in; the emulator drops
    the groups and takes the present time.

    Without groups, nobody would have a role after a renewal. By another `auth_time`, OpenID Connect clients refuse it.
    """
    from ministack.services import cognito

    sign_ins: dict[str, int] = {}
    for first in ('claims["aud"] = client_id\n', 'claims["client_id"] = client_id\n'):
        now = f'{first}        claims["auth_time"] = now\n'
        kept = f'{first}        claims["auth_time"] = times_of_sign_in.setdefault(origin_jti, now)\n'
        rewrite(cognito, "_fake_token", (now, kept), times_of_sign_in=sign_ins)
    access = '"access_token": _fake_token(sub, pool_id, client_id, "access", username=username,\n'
    identity = '"id_token": _fake_token(sub, pool_id, client_id, "id", username=username, user_attrs=attrs,\n'
    groups = 'groups=user.get("_groups", []),\n'
    rewrite(cognito, "_oauth2_token", (access, access + groups), (identity, identity + groups))
