"""Sign-in at the emulator's login page by code and PKCE, as the web console does it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from local.user_pool import new_password

CALLBACK = "http://127.0.0.1:8000/signed-in"
VERIFIER = "v" * 43
SCOPES = "openid profile aws.cognito.signin.user.admin"  # the last one: to sign out everywhere


class LoginPage:
    """A user of a new pool, at the endpoints of its domain."""

    def __init__(self, cloud: Any) -> None:
        cognito, self._password = cloud.client("cognito-idp"), new_password()
        pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
        self.client_id = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName="console",
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=SCOPES.split(),
            CallbackURLs=[CALLBACK],
            SupportedIdentityProviders=["COGNITO"],
        )["UserPoolClient"]["ClientId"]
        cognito.admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username="ada", Password=self._password, Permanent=True)
        cognito.create_group(UserPoolId=pool, GroupName="editor")
        cognito.admin_add_user_to_group(UserPoolId=pool, Username="ada", GroupName="editor")
        self._http = httpx.Client(base_url=cloud.url, trust_env=False)

    def sign_in(self, verifier: str = VERIFIER) -> httpx.Response:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        asked = {"client_id": self.client_id, "redirect_uri": CALLBACK, "response_type": "code", "state": "s"}
        asked |= {"scope": SCOPES, "code_challenge": challenge, "code_challenge_method": "S256"}
        who = {"username": "ada", "password": self._password}
        answer = self._http.post("/login", data={**asked, **who})
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        return self._token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=verifier)

    def renew(self, refresh_token: str) -> httpx.Response:
        return self._token(grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, token: str) -> httpx.Response:
        form = {"token": token, "client_id": self.client_id}
        return self._http.post("/oauth2/revoke", data=form, headers={"Origin": "http://127.0.0.1:8000"})

    def sign_out_everywhere(self, access_token: str) -> httpx.Response:
        action = {"X-Amz-Target": "AWSCognitoIdentityProviderService.GlobalSignOut"}
        headers = {"Content-Type": "application/x-amz-json-1.1", **action}
        return self._http.post("/", json={"AccessToken": access_token}, headers=headers)

    def _token(self, **form: str) -> httpx.Response:
        return self._http.post("/oauth2/token", data={"client_id": self.client_id, **form})


def claims_of(token: str) -> dict[str, Any]:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


@pytest.fixture
def login_page(cloud: Any) -> LoginPage:
    return LoginPage(cloud)


def test_a_code_is_exchanged_with_its_verifier_only(login_page: LoginPage) -> None:
    assert login_page.sign_in("w" * 43).status_code == 400
    assert login_page.sign_in().json()["token_type"] == "Bearer"


def test_a_refresh_token_gives_a_new_access_token_until_it_is_revoked(login_page: LoginPage) -> None:
    token = login_page.sign_in().json()["refresh_token"]
    assert login_page.renew(token).json()["access_token"]
    revoked = login_page.revoke(token)
    assert revoked.status_code == 200
    assert revoked.headers["access-control-allow-origin"] == "*"
    assert login_page.renew(token).status_code == 400


def test_renewed_tokens_name_the_roles_and_the_time_of_the_sign_in(login_page: LoginPage) -> None:
    first = login_page.sign_in().json()
    signed_in = claims_of(first["access_token"])
    while int(time.time()) == signed_in["iat"]:  # a token's time is in whole seconds
        time.sleep(0.05)
    renewed = login_page.renew(first["refresh_token"]).json()
    for token in ("access_token", "id_token"):
        claims = claims_of(renewed[token])
        assert claims["iat"] > claims["auth_time"] == signed_in["auth_time"]
        assert claims["cognito:groups"] == signed_in["cognito:groups"] == ["editor"]


def test_signing_out_everywhere_ends_every_refresh_token(login_page: LoginPage) -> None:
    first, second = login_page.sign_in().json(), login_page.sign_in().json()
    assert login_page.sign_out_everywhere(first["access_token"]).status_code == 200
    assert login_page.renew(second["refresh_token"]).status_code == 400


def test_a_revocation_needs_a_token(login_page: LoginPage) -> None:
    assert login_page.revoke("").status_code == 400
