"""Secrets Manager patches: a version has the id that its writer chose."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local.emulator.patching import replace_function, require


def name_versions_by_request_token() -> None:
    """`ClientRequestToken` becomes the id of the new version; the emulator invents one.

    The management API tells by this id whether the hosts in a secret's description are those of its present value.
    """
    from ministack.services import secretsmanager

    require(hasattr(secretsmanager, "_resolve"), "secretsmanager._resolve is not there")

    def with_token(action: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
        def act(data: dict[str, Any]) -> Any:
            response = action(data)
            token = data.get("ClientRequestToken")
            version = json.loads(response[2]).get("VersionId") if response[0] < 300 else None
            if not (token and version):
                return response
            _key, secret = secretsmanager._resolve(data.get("SecretId") or data["Name"])
            secret["Versions"] = {token if id == version else id: each for id, each in secret["Versions"].items()}
            body = {**json.loads(response[2]), "VersionId": token}
            return response[0], response[1], json.dumps(body).encode()

        return act

    for name in ("_create_secret", "_update_secret"):
        replace_function(secretsmanager, name, with_token(getattr(secretsmanager, name)))
