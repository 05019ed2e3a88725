"""Functions on the local stack fail, log and start as on AWS."""

from __future__ import annotations

import json
import threading
import time
from typing import Any


def test_an_exception_reaches_the_caller_with_its_class(cloud: Any) -> None:
    error, payload = cloud.invoke(fail="ChannelRefused")
    assert error
    assert payload["errorType"] == "ChannelRefused"
    assert payload["errorMessage"] == "told to"
    assert any("ChannelRefused" in line for line in payload["stackTrace"])


def test_an_exception_leaves_the_process_warm(cloud: Any) -> None:
    _, before = cloud.invoke()
    cloud.invoke(fail="Anything")
    _, after = cloud.invoke()
    assert after["pid"] == before["pid"]


def test_a_process_that_dies_fails_its_call_and_the_next_call_gets_a_new_one(cloud: Any) -> None:
    _, before = cloud.invoke()
    error, payload = cloud.invoke(die=True)
    assert error
    assert payload["errorType"] == "Runtime.ExitError"
    _, after = cloud.invoke()
    assert after["pid"] != before["pid"]


def test_a_function_is_ended_at_its_timeout(cloud: Any) -> None:
    begun = time.monotonic()
    error, payload = cloud.invoke(sleep=20)
    assert error
    assert "timed out after 3.00 seconds" in payload["errorMessage"]
    assert time.monotonic() - begun < 15


def test_the_event_arrives_as_it_was_sent(cloud: Any) -> None:
    _, payload = cloud.invoke(text="ünï ✓", number=1.5, nothing=None)
    assert payload["event"] == {"text": "ünï ✓", "number": 1.5, "nothing": None}


def test_the_output_of_a_handler_is_in_its_log_group_under_its_own_invocation(cloud: Any, eventually: Any) -> None:
    cloud.invoke(log="first words")
    cloud.invoke(log="second words")
    logs = cloud.client("logs")
    group = f"/aws/lambda/{cloud.outputs['Doer']}"
    found = eventually(lambda: logs.filter_log_events(logGroupName=group, filterPattern='"words"')["events"])
    by_stream: dict[str, list[str]] = {}
    for event in found:
        by_stream.setdefault(event["logStreamName"], []).append(event["message"])
    assert ["first words"] in by_stream.values()
    assert ["second words"] in by_stream.values()


def test_a_handler_can_import_the_sdk_but_nothing_else_that_is_installed_here(cloud: Any) -> None:
    assert cloud.invoke(**{"import": "boto3"}) == (None, "boto3")
    error, payload = cloud.invoke(**{"import": "starlette"})
    assert error
    assert payload["errorType"] == "ModuleNotFoundError"


def test_concurrent_calls_share_a_few_processes_and_all_are_answered(cloud: Any) -> None:
    pids: list[int] = []
    calls = [threading.Thread(target=lambda: pids.append(cloud.invoke(sleep=0.05)[1]["pid"])) for _ in range(24)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert len(pids) == 24
    assert len(set(pids)) <= 4


def test_all_processes_of_a_function_share_one_unpacked_copy(cloud: Any) -> None:
    paths: set[str] = set()
    calls = [threading.Thread(target=lambda: paths.add(cloud.invoke(sleep=0.2)[1]["path"])) for _ in range(3)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert len(paths) == 1


def test_a_layer_is_found_before_the_runtimes_own_packages(cloud: Any) -> None:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("python/boto3/__init__.py", "__version__ = 'from the layer'\n")
    functions = cloud.client("lambda")
    layer = functions.publish_layer_version(LayerName="toy", Content={"ZipFile": packed.getvalue()})
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "import boto3\ndef handler(event, context):\n    return boto3.__version__\n")
    functions.create_function(
        FunctionName="layered",
        Runtime="python3.13",
        Handler="index.handler",
        Role=cloud.outputs["RoleArn"],
        Code={"ZipFile": code.getvalue()},
        Layers=[layer["LayerVersionArn"]],
    )
    answer = functions.invoke(FunctionName="layered")
    assert json.loads(answer["Payload"].read()) == "from the layer"
