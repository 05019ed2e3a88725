"""One patched emulator for all tests of this folder, with a small stack deployed through CloudFormation."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local.emulator.client import REGION, credentials
from local.emulator.process import Emulator

STACK = "toy"
TEMPLATE = Path(__file__).with_name("toy_stack.json")


class Cloud:
    """Clients of the emulator, and the outputs of the toy stack."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._clients: dict[str, Any] = {}
        self.outputs: dict[str, str] = {}

    def client(self, service: str) -> Any:
        """A client that neither retries nor prefixes the host, so that one call is one request."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id=credentials()["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key="test",
                config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, max_pool_connections=50),
            )
        return self._clients[service]

    def invoke(self, **event: Any) -> tuple[str | None, Any]:
        """Invoke the toy function: (the function error or None, its payload)."""
        answer = self.client("lambda").invoke(FunctionName=self.outputs["Doer"], Payload=json.dumps(event))
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    emulator = Emulator(tmp_path_factory.mktemp("emulator"), environments=4)
    cloud = Cloud(emulator.start(within=60))
    try:
        formation = cloud.client("cloudformation")
        formation.create_stack(StackName=STACK, TemplateBody=TEMPLATE.read_text(), Capabilities=["CAPABILITY_IAM"])
        formation.get_waiter("stack_create_complete").wait(
            StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        stack = formation.describe_stacks(StackName=STACK)["Stacks"][0]
        cloud.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        yield cloud
    finally:
        emulator.stop()


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Poll until the result is true: eventually(lambda: ..., within=seconds); returns the last result."""

    def poll(condition: Callable[[], Any], within: float = 20) -> Any:
        deadline = time.monotonic() + within
        while not (result := condition()):
            assert time.monotonic() < deadline, f"not true within {within} s: {result!r}"
            time.sleep(0.1)
        return result

    return poll
