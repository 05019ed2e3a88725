"""The local stack, deployed once for all journeys: the real CDK app on the emulator, the handset, the business system.

`CHATFLOW_STACK=.local/stack.json` plays on a stack that runs already, which is quicker while one writes a journey.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatflow.adapters import aws
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.publishing.model import VersionChange
from local.business_api.client import Business
from local.description import Description
from local.emulator.client import credentials
from local.simulator.phone import Phone
from local.simulator.sample_files import make_samples
from local.stack import LocalStack
from local.unanswered_files import unanswered_files
from tests.journeys.channels import Channel, channel_of

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "too slow": "waits-ten-seconds",
    "list": "one-in-a-list",
    "quick photo": "photo-in-ten-seconds",
    "undelivered": "tells-undelivered",
    "wake me": "wakes-and-greets",
    "wake and ask": "wakes-and-asks",
    "album": "album-in-one-call",
    "each": "album-in-single-calls",
}
# New ones in each run: a stack that runs already knows the customers of the run before.
_numbers = itertools.count(49157_000_000_000 + int(time.time()) % 1_000_000 * 100)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Description]:
    running = os.environ.get("CHATFLOW_STACK")
    if running:
        yield Description(**json.loads(Path(running).read_text()))
        return
    local = LocalStack(tmp_path_factory.mktemp("stack"))
    try:
        yield local.up()
    finally:
        local.down()


@contextmanager
def account_of(stack: Description) -> Iterator[None]:
    """Within, AWS is the stack's."""
    before = dict(os.environ)
    os.environ.update(credentials(), AWS_ENDPOINT_URL=stack.aws_endpoint_url)
    aws.client.cache_clear()
    aws.session.cache_clear()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        aws.client.cache_clear()
        aws.session.cache_clear()


@pytest.fixture(autouse=True)
def aws_of_the_stack(stack: Description, flows_of_the_journeys: None) -> Iterator[None]:
    with account_of(stack):
        yield


@pytest.fixture(scope="session")
def flows_of_the_journeys(stack: Description, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The example flows, and beside them the small ones that only a journey needs."""
    from infrastructure.data.publish_on_deploy import entries  # imports the CDK, which takes seconds

    folder = tmp_path_factory.mktemp("flows") / "flows"
    shutil.copytree(ROOT / "flows", folder)
    for flow in (Path(__file__).parent / "flows").glob("*.yaml"):
        shutil.copy(flow, folder)
    for integration in (Path(__file__).parent / "flows/integrations").glob("*.yaml"):
        shutil.copy(integration, folder / "integrations")
    routes = yaml.safe_load((folder / "routes.yaml").read_text())
    routes["routes"][:0] = [{"keywords": [word], "flow": flow} for word, flow in KEYWORDS.items()]
    (folder / "routes.yaml").write_text(yaml.safe_dump(routes))
    versions = VersionStore(stack.outputs["FlowsTable"], stack.outputs["AssetsTable"])
    with account_of(stack):
        for entry in entries(folder, {"business_url": stack.business_url}):
            if not entry.file:
                live = versions.live(entry.id)
                version = versions.add(entry, "api", int(time.time()))
                versions.switch([VersionChange(entry.id, version, live.version if live else 0)])


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    make_samples(folder)
    return folder


@pytest.fixture
def channel(request: pytest.FixtureRequest, stack: Description) -> Channel:
    """WhatsApp, unless the test is played `on_every_channel`."""
    return channel_of(stack, getattr(request, "param", "whatsapp"))


@pytest.fixture
def new_phone(stack: Description, channel: Channel, eventually: Callable[..., Any]) -> Iterator[Callable[[], Phone]]:
    """Makes customers who never wrote before. In the end, every file that one of them sent must have its word."""
    phones: list[Phone] = []

    def make() -> Phone:
        phones.append(channel.new_phone(str(next(_numbers))))
        return phones[-1]

    yield make
    business = Business(stack.business_url, stack.claims_token)

    def has_its_word(phone: Phone) -> bool:
        return not unanswered_files(phone.chat(), [upload["sha256"] for upload in business.uploads()])

    for phone in phones:
        eventually(lambda phone=phone: has_its_word(phone), within=60)


@pytest.fixture
def phone(new_phone: Callable[[], Phone]) -> Phone:
    """A customer who never wrote before."""
    return new_phone()


@pytest.fixture
def business(stack: Description) -> Business:
    """The business's API, empty and well."""
    business = Business(stack.business_url, stack.claims_token)
    business.reset()
    return business


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Asks until the answer is true, and gives it; fails after `within` seconds."""

    def ask(question: Callable[[], Any], within: float = 30.0) -> Any:
        deadline = time.monotonic() + within
        while not (answer := question()):
            assert time.monotonic() < deadline, f"it did not come true within {within:.0f} s"
            time.sleep(0.1)
        return answer

    return ask


@pytest.fixture
def until_idle(stack: Description, eventually: Callable[..., Any]) -> Callable[[], None]:
    """Waits until the queue of events is empty: everything that arrived has been processed."""

    def queue_is_empty() -> bool:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        queue = aws.client("sqs").get_queue_attributes(QueueUrl=stack.outputs["EventsQueue"], AttributeNames=names)
        return all(value == "0" for value in queue["Attributes"].values())

    return lambda: eventually(queue_is_empty, within=60)
