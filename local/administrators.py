"""An administrator of the management API for this machine: who has deployed to AWS gets one by mail instead."""

from __future__ import annotations

import secrets
from typing import Any

from local.connecting import client
from local.description import Description


def new_password() -> str:
    """What the pool's policy asks for: long, with a letter of each case, a digit and a symbol."""
    return f"Aa1-{secrets.token_hex(10)}"


def make_admin(stack: Description) -> None:
    """Make the user that the description names, with its password, in the group admin."""
    add_user(stack, stack.admin_user, stack.admin_password, "admin")


def add_user(stack: Description, name: str, password: str, *groups: str) -> None:
    """Make a user who signs in with this password at once, without being asked to change it."""
    users, pool = _users(stack), {"UserPoolId": stack.outputs["UserPoolId"], "Username": name}
    users.admin_create_user(**pool, MessageAction="SUPPRESS")
    users.admin_set_user_password(**pool, Password=password, Permanent=True)
    for group in groups:
        users.admin_add_user_to_group(**pool, GroupName=group)


def token(stack: Description, name: str, password: str) -> str:
    """Sign in as the command line does, and give the access token."""
    answer = _users(stack).initiate_auth(
        ClientId=stack.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


def _users(stack: Description) -> Any:
    return client("cognito-idp", stack.aws_endpoint_url)
