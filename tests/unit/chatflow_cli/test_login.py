"""Login, renewal of tokens, profiles, logout."""

from __future__ import annotations

import json
import stat
import sys
import time
from pathlib import Path

import pytest

from chatflow_cli.auth.profiles import Profile, Profiles
from tests.fakes.management.contents import ADMIN, PASSWORD
from tests.fakes.management.deployment import Deployment
from tests.fakes.management.user_pool import CLIENT, User
from tests.unit.chatflow_cli.conftest import Chatflow


def where(deployment: Deployment) -> list[str]:
    return [deployment.url, "--client", CLIENT, "--cognito-url", f"{deployment.url}/"]


def test_a_login_is_kept_for_the_next_command(chatflow: Chatflow, deployment: Deployment) -> None:
    result = chatflow("login", *where(deployment), "--user", ADMIN, typed=f"{PASSWORD}\n")
    assert (result.code, result.out) == (0, f"Logged in to {deployment.api_url} as {ADMIN}.\n")

    result = chatflow("whoami", "--json")
    assert result.json == {"name": ADMIN, "roles": ["admin"], "profile": "default", "url": deployment.api_url}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no modes")
def test_nobody_else_may_read_a_login(chatflow: Chatflow, deployment: Deployment) -> None:
    chatflow("login", *where(deployment), "--user", ADMIN, typed=f"{PASSWORD}\n")
    (file,) = Profiles().folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert PASSWORD not in file.read_text()


def test_a_wrong_password_is_not_allowed(chatflow: Chatflow, deployment: Deployment) -> None:
    result = chatflow("login", *where(deployment), "--user", ADMIN, typed="wrong\n")
    assert result.code == 3
    assert "Incorrect username or password." in result.err
    assert Profiles().load("default") is None


def test_a_first_login_sets_a_password_of_ones_own(chatflow: Chatflow, deployment: Deployment) -> None:
    deployment.pool.users["new"] = User("Temporary-1234", temporary=True)
    result = chatflow("login", *where(deployment), "-u", "new", typed="Temporary-1234\nMy-own-password-1\n")
    assert result.code == 0
    assert deployment.pool.users["new"].password == "My-own-password-1"


def test_a_new_password_that_is_too_simple_is_not_taken(chatflow: Chatflow, deployment: Deployment) -> None:
    deployment.pool.users["new"] = User("Temporary-1234", temporary=True)
    result = chatflow("login", *where(deployment), "-u", "new", typed="Temporary-1234\nshort\n")
    assert result.code == 3
    assert "did not conform with policy" in result.err


def test_an_authenticator_s_code_is_asked_for(chatflow: Chatflow, deployment: Deployment) -> None:
    deployment.pool.users["careful"] = User(PASSWORD, code="123456")
    assert chatflow("login", *where(deployment), "-u", "careful", typed=f"{PASSWORD}\n000000\n").code == 3
    assert chatflow("login", *where(deployment), "-u", "careful", typed=f"{PASSWORD}\n123456\n").code == 0


def test_a_password_that_nobody_types_is_a_usage_error(chatflow: Chatflow, deployment: Deployment) -> None:
    result = chatflow("login", *where(deployment), "-u", ADMIN)
    assert result.code == 2
    assert "nothing was said" in result.err


@pytest.mark.parametrize("url", ["http://example.com", "example.com", "ftp://example.com"])
def test_a_login_goes_over_tls_only(chatflow: Chatflow, url: str) -> None:
    result = chatflow("login", url, "--client", CLIENT, "--region", "eu-central-1")
    assert result.code == 2
    assert "https://" in result.err


def test_no_password_goes_to_a_user_pool_without_tls(chatflow: Chatflow) -> None:
    words = ("login", "https://api.example.com", "--client", CLIENT, "--cognito-url", "http://pool.example.com")
    assert chatflow(*words, typed="me\nsecret\n").code == 2


def test_a_stack_that_is_not_on_this_machine_is_no_local_stack(
    chatflow: Chatflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".local").mkdir()
    stack = {
        "management_url": "https://elsewhere.example.com",
        "aws_endpoint_url": "https://elsewhere.example.com",
        "outputs": {"UserPoolClientId": CLIENT},
        "admin_user": ADMIN,
        "admin_password": PASSWORD,
    }
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(stack))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("chatflow_cli.auth.deployments._search_folders", lambda: iter([tmp_path]))
    result = chatflow("login")
    assert result.code == 3
    assert "There is no local stack." in result.err


def test_what_an_address_does_not_tell_is_asked_for(chatflow: Chatflow) -> None:
    assert "--client" in chatflow("login", "https://api.example.com").err
    assert "--region" in chatflow("login", "https://api.example.com", "--client", CLIENT).err


def test_the_local_stack_needs_no_words(
    chatflow: Chatflow, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".local").mkdir()
    stack = {
        "management_url": deployment.api_url,
        "aws_endpoint_url": deployment.url,
        "outputs": {"UserPoolClientId": CLIENT},
        "admin_user": ADMIN,
        "admin_password": PASSWORD,
    }
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(stack))
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert chatflow("login").code == 0
    assert chatflow("whoami").code == 0


def test_a_token_that_expires_is_renewed_silently(
    chatflow: Chatflow, deployment: Deployment, logged_in: Profile
) -> None:
    Profiles().save("default", Profile(**{**logged_in.__dict__, "expires_at": int(time.time()) + 5}))
    result = chatflow("whoami")
    assert (result.code, result.err) == (0, "")
    profile = Profiles().load("default")
    assert profile is not None
    assert profile.access_token not in ("access-0", "")
    assert profile.refresh_token == "refresh-0"


def test_a_token_that_is_refused_is_renewed_once(
    chatflow: Chatflow, deployment: Deployment, logged_in: Profile
) -> None:
    del deployment.pool.tokens["access-0"]
    assert chatflow("whoami").code == 0
    assert len(deployment.calls_to("GET", "/me")) == 2


def test_a_login_that_has_ended_says_what_to_do(chatflow: Chatflow, deployment: Deployment, logged_in: Profile) -> None:
    deployment.pool.tokens.clear()
    deployment.pool.refresh_tokens.clear()
    result = chatflow("whoami")
    assert result.code == 3
    assert "Your login has expired." in result.err
    assert "chatflow login" in result.err


def test_logging_out_ends_the_login_everywhere(chatflow: Chatflow, deployment: Deployment, logged_in: Profile) -> None:
    assert chatflow("logout").out == "Logged out.\n"
    assert deployment.pool.refresh_tokens == {}
    assert Profiles().load("default") is None
    assert chatflow("logout").out == "You were not logged in.\n"
    assert chatflow("whoami").code == 3


def test_each_profile_is_a_deployment_of_its_own(
    chatflow: Chatflow, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    chatflow("login", *where(deployment), "-u", ADMIN, "--profile", "prod", typed=f"{PASSWORD}\n")
    assert chatflow("whoami").code == 3
    assert chatflow("whoami", "--profile", "prod").code == 0
    monkeypatch.setenv("CHATFLOW_PROFILE", "prod")
    assert chatflow("whoami").code == 0


@pytest.mark.parametrize("name", ["../default", "", "a/b", ".hidden"])
def test_a_profile_s_name_is_no_path(chatflow: Chatflow, name: str) -> None:
    assert chatflow("whoami", "--profile", name).code == 2


def test_ci_brings_its_own_token(chatflow: Chatflow, deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment.pool.tokens["given"] = ADMIN
    monkeypatch.setenv("CHATFLOW_TOKEN", "given")
    assert "CHATFLOW_URL" in chatflow("whoami").err
    monkeypatch.setenv("CHATFLOW_URL", deployment.url)
    assert chatflow("whoami").code == 0
    deployment.pool.tokens.clear()
    assert chatflow("whoami").code == 3


def test_a_kept_token_goes_to_its_own_deployment_only(
    chatflow: Chatflow, deployment: Deployment, logged_in: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATFLOW_URL", "https://elsewhere.example.com")
    assert chatflow("whoami").code == 2
    assert deployment.calls == []
