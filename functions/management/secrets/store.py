"""The business's secrets in AWS Secrets Manager, by name under a prefix of the deployment. No value is read here.

A secret's hosts are part of its value, where the calls read them. Its description repeats them, because this API may
not read values, and names the version that holds them: a value that was stored by hand has another version, and none.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.integrations.secret_hosts import serialize_secret

MAX_HOSTS_LENGTH = 1800  # characters of all hosts of a secret: a description has at most 2048
_RECOVERY_DAYS = 7  # the shortest that AWS allows
_DESCRIPTION = re.compile(r"For \[\[secret:\.\.\.\]\]\. Hosts: (.*)\. Version: ([0-9a-f-]{36})\.")


@dataclass(frozen=True)
class StoredSecret:
    """A secret without its value. `changed_at`: seconds since the epoch. `hosts`: None while nobody has decided."""

    name: str
    changed_at: float
    hosts: tuple[str, ...] | None


class BusinessSecrets:
    """The secrets under one prefix. `key`: the KMS key that encrypts new secrets, "" for the key of AWS."""

    def __init__(self, prefix: str, key: str = "") -> None:
        self._prefix = prefix
        self._key = {"KmsKeyId": key} if key else {}

    def page(self, limit: int, token: str = "") -> tuple[list[StoredSecret], str]:
        """Secrets, and the token of the next page, or "".

        Raises ValueError for a token that AWS does not know.
        """
        secrets = botocore_client("secretsmanager")
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
            StoredSecret(
                str(each["Name"]).removeprefix(self._prefix),
                each["LastChangedDate"].timestamp(),
                _hosts_in_effect(each, each.get("SecretVersionsToStages") or {}),
            )
            for each in response["SecretList"]
            if str(each["Name"]).startswith(self._prefix)
        ]
        return page, str(response.get("NextToken", ""))

    def hosts(self, name: str) -> tuple[str, ...] | None:
        """The hosts of a secret; None while nobody has decided, or when there is no such secret."""
        # Not botocore's: a validation looks at secrets, and would import botocore for this call alone.
        secrets = client("secretsmanager")
        try:
            found = secrets.describe_secret(SecretId=f"{self._prefix}{name}")
        except secrets.exceptions.ResourceNotFoundException:
            return None
        return _hosts_in_effect(found, found.get("VersionIdsToStages") or {})

    def put(self, name: str, value: str, hosts: Collection[str] | None = None) -> tuple[str, ...] | None:
        """Set the value of a secret, and return the hosts that it has then. None keeps those that it had.

        A new secret is created, and a deleted one is restored, with its hosts.
        """
        secrets = botocore_client("secretsmanager")
        secret = f"{self._prefix}{name}"
        try:
            secrets.create_secret(Name=secret, **_content(value, hosts), **self._key)
        except (secrets.exceptions.ResourceExistsException, secrets.exceptions.InvalidRequestException):
            found = secrets.describe_secret(SecretId=secret)
            if "DeletedDate" in found:
                secrets.restore_secret(SecretId=secret)
            # Decided hosts stay decided, even if a value was stored by hand in between.
            hosts = _decided_hosts(found)[0] if hosts is None else hosts
            secrets.update_secret(SecretId=secret, **_content(value, hosts))
        return None if hosts is None else tuple(sorted(hosts))

    def delete(self, name: str) -> bool:
        """Delete a secret, with a recovery window of seven days. False if there is no such secret."""
        secrets = botocore_client("secretsmanager")
        try:
            secrets.delete_secret(SecretId=f"{self._prefix}{name}", RecoveryWindowInDays=_RECOVERY_DAYS)
        except (secrets.exceptions.ResourceNotFoundException, secrets.exceptions.InvalidRequestException):
            return False
        return True


def _content(value: str, hosts: Collection[str] | None) -> dict[str, str]:
    """The value and the description of a new version; without hosts the value stands alone, as it always did."""
    if hosts is None:
        return {"SecretString": value, "Description": "For [[secret:...]]."}
    version = str(uuid.uuid4())
    return {
        "SecretString": serialize_secret(value, hosts),
        "Description": f"For [[secret:...]]. Hosts: {', '.join(sorted(hosts))}. Version: {version}.",
        "ClientRequestToken": version,
    }


def _decided_hosts(description: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, str]:
    """The hosts that a description names, None without any, and the version that holds them."""
    found = _DESCRIPTION.fullmatch(str(description.get("Description") or ""))
    return (tuple(found[1].split(", ")), found[2]) if found else (None, "")


def _hosts_in_effect(description: Mapping[str, Any], versions: Mapping[str, Any]) -> tuple[str, ...] | None:
    hosts, version = _decided_hosts(description)
    return hosts if "AWSCURRENT" in versions.get(version, ()) else None
