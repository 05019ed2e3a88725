"""The business's secrets in AWS Secrets Manager, by name under a prefix of the deployment. No value is read here."""

from __future__ import annotations

from typing import Any

from chatflow.adapters.aws import client

_RECOVERY_DAYS = 7  # the shortest that AWS allows


class BusinessSecrets:
    """The secrets under one prefix. `key`: the KMS key that encrypts new secrets, "" for the key of AWS."""

    def __init__(self, prefix: str, key: str = "") -> None:
        self._prefix = prefix
        self._key = {"KmsKeyId": key} if key else {}

    def page(self, limit: int, token: str = "") -> tuple[list[tuple[str, float]], str]:
        """Names with the time of their last change (seconds since the epoch), and the token of the next page, or "".

        Raises ValueError for a token that AWS does not know.
        """
        secrets = client("secretsmanager")
        query: dict[str, Any] = {"Filters": [{"Key": "name", "Values": [self._prefix]}], "MaxResults": limit}
        if token:
            query["NextToken"] = token
        try:
            response = secrets.list_secrets(**query)
        except secrets.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("InvalidNextTokenException", "InvalidParameterException"):
                raise ValueError("unknown token") from None
            raise
        page = [
            (str(each["Name"]).removeprefix(self._prefix), each["LastChangedDate"].timestamp())
            for each in response["SecretList"]
            if str(each["Name"]).startswith(self._prefix)
        ]
        return page, str(response.get("NextToken", ""))

    def put(self, name: str, value: str) -> None:
        """Set the value of a secret. A new secret is created, and a deleted one is restored."""
        secrets = client("secretsmanager")
        secret = f"{self._prefix}{name}"
        try:
            secrets.create_secret(Name=secret, SecretString=value, Description="For [[secret:...]].", **self._key)
        except (secrets.exceptions.ResourceExistsException, secrets.exceptions.InvalidRequestException):
            if "DeletedDate" in secrets.describe_secret(SecretId=secret):
                secrets.restore_secret(SecretId=secret)
            secrets.put_secret_value(SecretId=secret, SecretString=value)

    def delete(self, name: str) -> bool:
        """Delete a secret, with a recovery window of seven days. False if there is no such secret."""
        secrets = client("secretsmanager")
        try:
            secrets.delete_secret(SecretId=f"{self._prefix}{name}", RecoveryWindowInDays=_RECOVERY_DAYS)
        except (secrets.exceptions.ResourceNotFoundException, secrets.exceptions.InvalidRequestException):
            return False
        return True
