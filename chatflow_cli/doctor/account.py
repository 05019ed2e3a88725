"""The AWS account and Region that this shell reaches, as the CDK chooses them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

# In the CDK's order (`AwsCliCompatible.region` in aws-cdk). botocore reads the third only, and would check one Region
# while the CDK deploys to another. Without any of them, both take the Region of the profile.
_REGION_VARIABLES: Final = ("AWS_REGION", "AMAZON_REGION", "AWS_DEFAULT_REGION", "AMAZON_DEFAULT_REGION")


def region_of(environment: Mapping[str, str]) -> str | None:
    """The Region that the environment names; None leaves it to the profile."""
    return next(filter(None, map(environment.get, _REGION_VARIABLES)), None)


class Account:
    """Creates the clients. The constructor makes no AWS calls."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def of_shell(cls, profile: str | None = None, region: str | None = None) -> Account:
        """`profile` and `region` take precedence. Raises ProfileNotFound for a profile that is not configured."""
        import boto3

        return cls(boto3.Session(profile_name=profile, region_name=region or region_of(os.environ)))

    @property
    def region(self) -> str:
        """The Region; "" when the shell names none."""
        return self._session.region_name or ""

    def knows_region(self, service: str = "cloudformation") -> bool:
        """Whether this botocore knows that the service exists in the Region; without a service, the Region itself."""
        return self.region in self._session.get_available_regions(service)

    def client(self, service: str, *, read_timeout: float = 20.0, attempts: int = 3) -> Any:
        """A client. `read_timeout` is in seconds; with `attempts` 1, a call is never repeated.

        An emulator (AWS_ENDPOINT_URL) has no host names such as "sync-states.".
        """
        from botocore.config import Config

        config = Config(
            connect_timeout=5.0,
            read_timeout=read_timeout,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            inject_host_prefix="AWS_ENDPOINT_URL" not in os.environ,
        )
        return self._session.client(service, config=config)
