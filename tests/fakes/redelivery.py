"""Chatflow in one process: real handlers, on the emulator's DynamoDB, S3, SQS and Secrets Manager, against the WhatsApp
simulator and the business API. Only the state machine is a fake of a few lines.

A turn runs in a child process, so that it can be killed at any point: after each AWS call and each HTTP exchange.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from chatflow.adapters import aws, secrets
from chatflow.adapters.aws.botocore_clients import botocore_client, session
from chatflow.adapters.aws.calls import AwsClient
from chatflow.adapters.dynamodb.failed_runs import FailedRuns
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.conversation.events import Event
from chatflow.errors import TurnFailed
from chatflow.publishing.model import VersionChange
from chatflow.settings import NodeSettings, channel_urls
from conversation.run_turn import Dependencies, run_turn
from local.business_api.client import Business
from local.emulator.client import credentials
from local.emulator.process import Emulator
from local.processes import BackgroundProcess
from publish_on_deploy.uploads import copy_to_library
from tests.fakes.aws_account import create_table, forget_clients
from tests.fakes.node_types import TASK_TYPES

ROOT = Path(__file__).parents[2]
ACCOUNT, TOKEN, SECRET = "106540352242922", "EAAtest", "shh"
SETTINGS = NodeSettings(
    *("effects", "media", "library", "assets", "uploads", "cf/channels/", "cf/business/"),
    deliveries_table="deliveries",
    hosts_table="hosts",
    calls_per_host="25",
    rates_table="rates",
)
TABLES = {
    "sessions": ("conversation", "item"),
    "flows": ("name", "item"),
    "assets": ("name", "item"),
    "effects": ("effect",),
    "uploads": ("content",),
    "deliveries": ("message",),
    "hosts": ("cell",),
    "rates": ("cell",),
}
KILLED = 137


class LocalDeployment:
    """The tables, buckets, secrets and published flows of a deployment, without its functions."""

    def __init__(self, endpoint: str, handset_url: str, business_url: str) -> None:
        self.handset_url = handset_url
        self.business = Business(business_url, TOKEN)
        self._environment = {
            **credentials(),
            "AWS_ENDPOINT_URL": endpoint,
            **SETTINGS.to_environment(),
            "CHATFLOW_PRIVATE_HOSTS": ",".join(url.removeprefix("http://") for url in (handset_url, business_url)),
            **channel_urls({"whatsapp": f"{handset_url}/{{version}}"}),
        }
        with self.activated():
            self._create_resources(business_url)

    @contextmanager
    def activated(self) -> Iterator[None]:
        """Within the block, this process has the environment and the AWS account of the deployment's functions."""
        before = dict(os.environ)
        os.environ.update(self._environment)
        _forget_aws()
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            _forget_aws()

    def _create_resources(self, business_url: str) -> None:
        from infrastructure.data.publish_on_deploy import entries  # imports the CDK, which takes seconds

        for table, keys in TABLES.items():
            indexes = {"by_conversation": ("conversation",)} if table == "deliveries" else {}
            create_table(table, *keys, **indexes)
        for bucket in ("media", "library", "source"):
            botocore_client("s3").create_bucket(Bucket=bucket)
        channel = {"access_token": TOKEN, "app_secret": SECRET, "verify_token": "v", "phone_number_id": ACCOUNT}
        for name, value in (("channels/whatsapp", json.dumps(channel)), ("business/claims-token", TOKEN)):
            aws.client("secretsmanager").create_secret(Name=f"cf/{name}", SecretString=value)
        versions = VersionStore("flows", "assets")
        for entry in entries(ROOT / "flows", {"business_url": business_url}):
            if entry.file:
                data = (ROOT / "flows" / entry.file).read_bytes()
                botocore_client("s3").put_object(Bucket="source", Key=entry.file, Body=data)
                copy_to_library(entry, "source", "library")
            versions.switch([VersionChange(entry.id, versions.add(entry, "deploy", int(time.time())), 0)])

    def turn(self, event: Event, *, kill_at: int = 0) -> tuple[int, list[str]]:
        """Run one turn in a process of its own; returns its exit code and its steps.

        With `kill_at`, the process is killed right after that step, like a worker that loses power.
        """
        receiver, sender = multiprocessing.Pipe(duplex=False)
        child = multiprocessing.get_context("fork").Process(target=_turn, args=(event, kill_at, sender))
        child.start()
        sender.close()
        steps: list[str] = []
        try:
            while True:
                steps.append(receiver.recv())
        except EOFError:
            child.join(60)
        return child.exitcode or 0, steps


@contextmanager
def running_deployment(folder: Path) -> Iterator[LocalDeployment]:
    """A deployment in this folder; all its processes end with the block."""
    emulator = Emulator(folder, iam=False)
    handset, business = (
        BackgroundProcess("handset", "local.whatsapp_simulator", folder),
        BackgroundProcess("business", "local.business_api", folder),
    )
    try:
        endpoint = emulator.start()
        started = handset.start(
            "--port", "0", "--app-secret", SECRET, "--verify-token", "v", "--access-token", TOKEN,
            "--phone-number-id", ACCOUNT, "--data", str(folder / "handset"),
        )  # fmt: skip
        handset_url = handset.wait_for_address(started)["url"]
        started = business.start(
            "--port",
            "0",
            "--data",
            str(folder / "business"),
            "--documents",
            str(folder / "documents"),
            "--token",
            TOKEN,
        )
        yield LocalDeployment(endpoint, handset_url, business.wait_for_address(started)["url"])
    finally:
        for part in (handset, business):
            part.stop()
        emulator.stop()


def _forget_aws() -> None:
    forget_clients()
    session.cache_clear()
    secrets._cache.clear()


def _turn(event: Event, kill_at: int, sender: Any) -> None:
    count = 0

    def step(what: str) -> None:
        nonlocal count
        count += 1
        sender.send(what)
        if count == kill_at:
            os._exit(KILLED)

    _watch(step)
    dependencies = turn_dependencies(step)
    try:
        ending = run_turn(event, dependencies)
    except TurnFailed as error:
        ending = f"failed: {error}"
    sender.send(f"= {ending}")
    os._exit(0)


Invoke = Callable[[str, dict[str, Any]], dict[str, Any]]


def invoke_node(node_type: str, visit: dict[str, Any]) -> dict[str, Any]:
    """Run the handler of a node type."""
    outcome: dict[str, Any] = import_module(f"nodes.{node_type}.handler").lambda_handler(visit, None)
    return outcome


def turn_dependencies(step: Callable[[str], None]) -> Dependencies:
    """The conversation function's, with the fake state machine; calls to services that it lacks are only reported."""
    return Dependencies(
        sessions=SessionStore("sessions", "flows"),
        flows=PublishedFlows("flows"),
        run_machine=lambda _name, machine_input: run_machine(machine_input),
        task_types=TASK_TYPES,
        schedule=lambda _deadline, _wake: step("scheduler:CreateSchedule"),
        queue=lambda _wake: step("sqs:SendMessageBatch"),
        erase=lambda _conversation, _at, _keys: step("lambda:Invoke"),
        runs=FailedRuns("sessions"),
        dead_letter=lambda _event: step("sqs:SendMessage"),
    )


def _watch(step: Callable[[str], None]) -> None:
    """Report each AWS call and each HTTP exchange, after its effect and before its answer is used."""
    call = AwsClient.call

    def reporting(client: AwsClient, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        try:
            return call(client, operation, parameters)
        finally:
            step(f"{client._name}:{operation}")

    AwsClient.call = reporting  # type: ignore[method-assign]

    open_ = GuardedFetch.open

    @contextmanager
    def exchange(fetch: GuardedFetch, method: str, url: str, **given: Any) -> Iterator[Any]:
        with open_(fetch, method, url, **given) as answer:
            step(f"http:{method} {url.partition('?')[0].partition('://')[2].partition('/')[2]}")
            yield answer

    GuardedFetch.open = exchange  # type: ignore[method-assign]


def run_machine(
    machine_input: dict[str, Any],
    invoke: Invoke = invoke_node,
    clock: Callable[[], float] = time.time,
) -> dict[str, Any]:
    """The state machine (infrastructure/conversation/turn_definition.py) in Python; the journeys run the real one."""
    at, phase, memo, variables = (
        machine_input["at"],
        machine_input["phase"],
        machine_input["memo"],
        machine_input["variables"],
    )
    trail: list[dict[str, Any]] = []
    visits, owes = machine_input["visits"], machine_input["owes"]
    while True:
        node = machine_input["nodes"][at]
        visit = {
            name: machine_input[name] for name in ("event", "flow", "session", "turn", "retention_days", "conversation")
        }
        visit |= {"phase": phase, "node": at, "memo": memo, "variables": variables, "config": node["config"]}
        visit |= {"visit": visits + 1, "deadline": int(clock() * 1000) + node["seconds"] * 1000}
        visit |= {"owes": owes} if owes else {}
        outcome = json.loads(json.dumps(invoke(node["type"], json.loads(json.dumps(visit)))))
        owes = outcome["record"].get("owes", owes)
        variables, visits, trail = {**variables, **outcome["set"]}, visits + 1, [*trail, outcome["record"]]
        result = {"variables": variables, "visits": visits, "trail": trail}
        if not outcome["exit"]:
            return {**result, "status": "waiting", "at": at, "wait": outcome["wait"]}
        target = node["exits"].get(outcome["exit"], "end")
        if target == "end":
            return {**result, "status": "ended"}
        if isinstance(target, dict):
            return {**result, "status": "another_flow", "flow": target["flow"]}
        if target not in machine_input["nodes"]:
            return {**result, "status": "another_slice", "at": target, "slice": at}
        at, phase, memo = target, "enter", {}
