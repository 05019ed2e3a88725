"""Users of the management API on the local stack. On AWS, the deployer receives the first administrator by mail."""

from __future__ import annotations

import secrets
from typing import Any

from local.description import Description
from local.emulator.client import aws_client


def new_password() -> str:
    """A password that meets the pool's policy: long, with a letter of each case, a digit and a symbol."""
    return f"Aa1-{secrets.token_hex(10)}"


def create_administrator(stack: Description) -> None:
    """Create the user of the stack's description, with its password, in the group admin."""
    create_user(stack, stack.admin_user, stack.admin_password, "admin")


def create_user(stack: Description, name: str, password: str, *groups: str) -> None:
    """Create a user who can sign in with this password at once, without having to change it."""
    cognito, user = _cognito(stack), {"UserPoolId": stack.outputs["UserPoolId"], "Username": name}
    cognito.admin_create_user(**user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=password, Permanent=True)
    for group in groups:
        cognito.admin_add_user_to_group(**user, GroupName=group)


def access_token(stack: Description, name: str, password: str) -> str:
    """Sign in as the command line does; returns the access token."""
    answer = _cognito(stack).initiate_auth(
        ClientId=stack.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


def _cognito(stack: Description) -> Any:
    return aws_client("cognito-idp", stack.aws_endpoint_url)
