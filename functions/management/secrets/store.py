"""The business's secrets, as they are set: by name under a prefix of the deployment. Nothing here reads a value."""

from __future__ import annotations

from typing import Any

from chatflow.adapters.aws import client

_RECOVERY_DAYS = 7  # the shortest that AWS takes


class BusinessSecrets:
    """Everything under one prefix in Secrets Manager. `key` encrypts what is new; "" leaves that to AWS's own key."""

    def __init__(self, prefix: str, key: str = "") -> None:
        self._prefix = prefix
        self._key = {"KmsKeyId": key} if key else {}

    def page(self, limit: int, token: str = "") -> tuple[list[tuple[str, float]], str]:
        """Names with the time of their last change (seconds since the epoch), and the token of what follows.

        Raises ValueError for a token that AWS does not know.
        """
        secrets = client("secretsmanager")
        asked: dict[str, Any] = {"Filters": [{"Key": "name", "Values": [self._prefix]}], "MaxResults": limit}
        if token:
            asked["NextToken"] = token
        try:
            found = secrets.list_secrets(**asked)
        except secrets.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("InvalidNextTokenException", "InvalidParameterException"):
                raise ValueError("unknown token") from None
            raise
        listed = [
            (str(each["Name"]).removeprefix(self._prefix), each["LastChangedDate"].timestamp())
            for each in found["SecretList"]
            if str(each["Name"]).startswith(self._prefix)
        ]
        return listed, str(found.get("NextToken", ""))

    def put(self, name: str, value: str) -> None:
        """Keep a value, under a new name or an old one; one that was deleted is brought back with it."""
        secrets = client("secretsmanager")
        secret = f"{self._prefix}{name}"
        try:
            secrets.create_secret(Name=secret, SecretString=value, Description="For [[secret:...]].", **self._key)
        except (secrets.exceptions.ResourceExistsException, secrets.exceptions.InvalidRequestException):
            if "DeletedDate" in secrets.describe_secret(SecretId=secret):  # it waits for its deletion
                secrets.restore_secret(SecretId=secret)
            secrets.put_secret_value(SecretId=secret, SecretString=value)

    def delete(self, name: str) -> bool:
        """Let it go in seven days, and say whether it was there."""
        secrets = client("secretsmanager")
        try:
            secrets.delete_secret(SecretId=f"{self._prefix}{name}", RecoveryWindowInDays=_RECOVERY_DAYS)
        except (secrets.exceptions.ResourceNotFoundException, secrets.exceptions.InvalidRequestException):
            return False
        return True
