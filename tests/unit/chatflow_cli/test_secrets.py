"""`chatflow secrets`: set, listed by name, removed."""

from __future__ import annotations

import pytest

from tests.fakes.management.contents import ADMIN, Contents
from tests.fakes.management.deployment import Deployment
from tests.unit.chatflow_cli.conftest import Chatflow

pytestmark = pytest.mark.usefixtures("logged_in")


def test_a_secret_s_value_comes_from_stdin_and_is_said_nowhere(
    chatflow: Chatflow, deployment: Deployment, contents: Contents
) -> None:
    result = chatflow("secrets", "set", "claims-token", typed="s3cret\n")
    assert (result.code, result.out) == (0, "claims-token is set.\n")
    assert contents.secrets == {"claims-token": "s3cret"}
    assert "s3cret" not in result.out + result.err
    assert "claims-token" in chatflow("secrets", "list").out
    assert chatflow("secrets", "set", "claims-token", typed="\n").code == 2
    assert chatflow("secrets", "set", "claims-token", "s3cret").code == 2
    assert chatflow("secrets", "rm", "claims-token", "--yes").code == 0


def test_the_hosts_of_a_secret_are_set_and_listed(chatflow: Chatflow, contents: Contents) -> None:
    hosts = ["--host", "api.example.com", "--host", "b.example:8443"]
    assert chatflow("secrets", "set", "claims-token", *hosts, typed="s3cret\n").code == 0
    assert contents.secret_hosts == {"claims-token": ["api.example.com", "b.example:8443"]}
    assert "api.example.com" in chatflow("secrets", "list").out
    assert chatflow("secrets", "set", "claims-token", typed="anew\n").code == 0
    assert contents.secret_hosts == {"claims-token": ["api.example.com", "b.example:8443"]}


def test_what_a_role_may_not_do_is_said(chatflow: Chatflow, deployment: Deployment) -> None:
    deployment.pool.users[ADMIN].roles = ["viewer"]
    result = chatflow("secrets", "set", "claims-token", typed="s3cret\n")
    assert result.code == 3
    assert "this takes the role admin" in result.err
    assert "chatflow whoami" in result.err
