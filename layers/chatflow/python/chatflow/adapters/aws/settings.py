"""Credentials, region and endpoints, from the environment as Lambda gives it.

What the environment does not say is botocore's to find, with all of its ways and its refreshing: profiles, containers
(where Lambda restores a snapshot), instance roles; endpoints of FIPS, of two stacks, and of rare partitions.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Any, Final, NamedTuple

from chatflow.adapters.aws.emulation import ignores_endpoints

# The partitions `aws`, `aws-us-gov` and `aws-cn`, by the names of their regions.
_USUAL_REGION: Final = re.compile(r"(af|ap|ca|eu|il|me|mx|sa|us|us-gov)-[a-z]+-\d+")
_CHINA: Final = re.compile(r"cn-[a-z]+-\d+")
_UNUSUAL_ENDPOINTS: Final = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")


class Credentials(NamedTuple):
    """A key that signs, and the token of a session, "" without one."""

    key_id: str
    secret: str
    token: str


def credentials() -> Credentials:
    """The credentials as they are now. Raises what botocore raises when there are none."""
    found = os.environ
    key_id, secret = found.get("AWS_ACCESS_KEY_ID"), found.get("AWS_SECRET_ACCESS_KEY")
    if key_id and secret and "AWS_CREDENTIAL_EXPIRATION" not in found:
        return Credentials(key_id, secret, found.get("AWS_SECURITY_TOKEN") or found.get("AWS_SESSION_TOKEN") or "")
    frozen = _refreshed_by_botocore().get_frozen_credentials()
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")


@cache
def _refreshed_by_botocore() -> Any:
    from botocore.exceptions import NoCredentialsError

    from chatflow.adapters.aws.botocore_clients import session

    chain = session().get_credentials()
    if chain is None:
        raise NoCredentialsError
    return chain


def region() -> str:
    """The region of all clients. Raises what botocore raises when none is named."""
    found = os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION")
    if found:
        return found
    from botocore.exceptions import NoRegionError

    from chatflow.adapters.aws.botocore_clients import session

    if not (configured := session().get_config_variable("region")):
        raise NoRegionError
    return str(configured)


def endpoint(service: str, host: str, region: str) -> str:
    """The URL of a service. `host`: the first part of its name, "states" for "stepfunctions"."""
    if not ignores_endpoints():
        named = os.environ.get(f"AWS_ENDPOINT_URL_{_SETTINGS.get(service, service.upper())}")
        if configured := named or os.environ.get("AWS_ENDPOINT_URL"):
            return configured
    if not any(os.environ.get(name, "").lower() == "true" for name in _UNUSUAL_ENDPOINTS):
        if _USUAL_REGION.fullmatch(region):
            return f"https://{host}.{region}.amazonaws.com"
        if _CHINA.fullmatch(region):
            return f"https://{host}.{region}.amazonaws.com.cn"
    from chatflow.adapters.aws.botocore_clients import botocore_client

    return str(botocore_client(service).meta.endpoint_url)


_SETTINGS: Final = {"secretsmanager": "SECRETS_MANAGER", "stepfunctions": "SFN"}  # by botocore's names for services
