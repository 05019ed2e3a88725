"""Credentials and Regions as a shell has them, and AWS's own answers over HTTP: nothing of botocore is replaced."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import pytest

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.before_deploy import BeforeDeploy
from chatflow_cli.doctor.finding import Finding, Verdict
from chatflow_cli.doctor.options import DeployOptions
from tests.fakes.healthy_account import SoundMachine
from tests.fakes.http_server import says, serving

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI-secret"}


class Shell:
    """The environment and home folder of one test."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._home, self._monkeypatch = home, monkeypatch

    def has(self, **variables: str) -> None:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def has_file(self, path: str, content: str) -> None:
        file = self._home / ".aws" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    def findings(self) -> dict[str, Finding]:
        """What is not ok, by check."""
        checks = BeforeDeploy(DeployOptions(), Account.of_shell, SoundMachine())
        return {each.check: each for each in checks.findings() if each.verdict is not Verdict.OK}


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell that knows nothing of AWS, in an empty home folder."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "AMAZON_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Shell(tmp_path, monkeypatch)


def test_a_shell_without_credentials(shell: Shell) -> None:
    shell.has(AWS_REGION="eu-west-1")
    assert shell.findings()["Credentials"].text == "This shell has no AWS credentials."


def test_a_shell_without_a_region(shell: Shell) -> None:
    shell.has(**KEYS)
    assert "us-east-1" in shell.findings()["Region"].text


def test_half_a_key(shell: Shell) -> None:
    shell.has(AWS_REGION="eu-west-1", AWS_ACCESS_KEY_ID="AKIAEXAMPLE")
    found = shell.findings()["Credentials"]
    assert "cannot be used" in found.text
    assert "missing: AWS_SECRET_ACCESS_KEY" in found.text


def test_a_profile_that_is_not_configured(shell: Shell) -> None:
    shell.has(AWS_PROFILE="prod")
    assert "profile (prod)" in shell.findings()["Credentials"].text


@pytest.mark.parametrize("signed_in_before", [True, False])
def test_a_session_of_single_sign_on_that_has_ended(shell: Shell, signed_in_before: bool) -> None:
    url = "https://example.awsapps.com/start"
    shell.has(AWS_PROFILE="work")
    shell.has_file(
        "config",
        f"[profile work]\nsso_session = us\nsso_account_id = 123456789012\nsso_role_name = Admin\nregion = eu-west-1\n"
        f"[sso-session us]\nsso_start_url = {url}\nsso_region = eu-west-1\n",
    )
    if signed_in_before:
        ended = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        token = {"startUrl": url, "region": "eu-west-1", "accessToken": "x", "expiresAt": ended}
        shell.has_file(f"sso/cache/{sha1(b'us').hexdigest()}.json", json.dumps(token))  # noqa: S324  botocore's name
    found = shell.findings()["Credentials"]
    assert found.text == "The AWS session of this shell has expired."
    assert "aws sso login" in found.mend


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredToken", "session of this shell has expired"),
        ("InvalidClientTokenId", "does not know these credentials"),
        ("SignatureDoesNotMatch", "does not accept the signature"),
        ("AccessDenied", "may not call sts:GetCallerIdentity"),
    ],
)
def test_what_aws_answers_over_http(shell: Shell, code: str, words: str) -> None:
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>The security token is not good</Message></Error></ErrorResponse>"
    )
    with serving(says(body.encode(), "403 Forbidden", Content_Type="text/xml")) as sts:
        shell.has(AWS_ENDPOINT_URL=sts.url(), AWS_REGION="eu-west-1", **KEYS)
        found = shell.findings()["Credentials"]
    assert words in found.text
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in found.text + found.mend


def test_an_aws_that_is_not_reached(shell: Shell) -> None:
    shell.has(AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_REGION="eu-west-1", AWS_MAX_ATTEMPTS="1", **KEYS)
    assert "AWS does not answer" in shell.findings()["Credentials"].text


def test_the_region_of_the_command_line_comes_first(shell: Shell) -> None:
    shell.has(AWS_REGION="eu-west-1")
    shell.has_file("config", "[default]\nregion = us-west-2\n")
    assert Account.of_shell(region="eu-north-1").region == "eu-north-1"
    assert Account.of_shell().region == "eu-west-1"


def test_the_region_of_the_profile_comes_last(shell: Shell) -> None:
    shell.has_file("config", "[default]\nregion = us-west-2\n")
    assert Account.of_shell().region == "us-west-2"
