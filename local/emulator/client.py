"""Access to a running emulator: its account, credentials, AWS clients and the addresses of HTTP APIs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ACCOUNT = "000000000000"
REGION = "us-east-1"


def credentials() -> dict[str, str]:
    """Environment variables for any AWS client that uses the emulator; the access key id selects the account."""
    return {
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def account_of_the_emulator(endpoint: str) -> Iterator[None]:
    """Within, the environment is that of a shell whose AWS account is the emulator's."""
    before = dict(os.environ)
    os.environ.update(credentials(), AWS_ENDPOINT_URL=endpoint)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def aws_client(service: str, endpoint: str) -> Any:
    """A boto3 client of the emulator, as its root user."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="test",
        config=Config(inject_host_prefix=False),
    )
