"""How functions run: the newest Python on arm64, traced with their turn, with a log group that has a retention."""

from __future__ import annotations

from typing import Any

import pytest

from infrastructure import timeouts
from tests.fakes.node_types import MANIFESTS, construct
from tests.infrastructure.template_checks import Template, assert_detects, only, plain, resources

FUNCTION = "AWS::Lambda::Function"
LOG = "AWS::Logs::LogGroup"
LAYER = "AWS::Lambda::LayerVersion"


def all_run_what_they_were_built_for(template: Template) -> None:
    for function in resources(template, FUNCTION).values():
        assert function["Runtime"] == "python3.14"
        assert function["Architectures"] == ["arm64"]
        layers = [plain(layer)[1:-9] for layer in function["Layers"]]
        assert layers[:2] == ["LayersDependencies", "LayersLanguage"]
    for layer in resources(template, LAYER).values():
        assert layer["CompatibleRuntimes"] == ["python3.14"]
        assert layer["CompatibleArchitectures"] == ["arm64"]


def traces_begin_with_turns(template: Template) -> None:
    """Lambda samples no function of a conversation: the conversation function chooses turns, and their nodes follow."""
    untraced = {"WebhooksWebhook", "ConversationTurns", "TimersDelayedEvents", "StatusesDeliveryStatuses"}
    nodes = {construct(manifest) for manifest in MANIFESTS.values()}
    for name, each in resources(template, FUNCTION).items():
        function = name.removesuffix(name[-8:]).removesuffix("Function")
        expected = None if function in untraced else "PassThrough" if function in nodes else "Active"
        assert each.get("TracingConfig", {}).get("Mode") == expected, function


def every_log_has_a_retention(template: Template) -> None:
    logs = resources(template, LOG)
    assert {each["RetentionInDays"] for each in logs.values()} == {30}
    written = [plain(each["LoggingConfig"]["LogGroup"]) for each in resources(template, FUNCTION).values()]
    assert len(written) == len(set(written))
    assert {name.strip("<>") for name in written} <= logs.keys()


def node_types_keep_to_their_manifests(template: Template) -> None:
    from infrastructure.conversation.node_types import read_node_types

    functions = resources(template, FUNCTION)
    for node_type in read_node_types():
        word = "".join(part.capitalize() for part in node_type.name.split("_"))
        (function,) = (each for name, each in functions.items() if name[:-8] == f"NodeTypes{word}Function")
        assert function["Handler"] == f"nodes.{node_type.name}.handler.lambda_handler"
        assert function["MemorySize"] == node_type.memory
        assert function["Timeout"] == node_type.seconds + timeouts.NODE_MARGIN_SECONDS


def no_internal_address_may_be_called(template: Template) -> None:
    for function in resources(template, FUNCTION).values():
        variables = function.get("Environment", {}).get("Variables", {})
        assert not [name for name in variables if "PRIVATE_HOSTS" in name or "CHANNEL_URL" in name]


def no_concurrency_is_reserved(template: Template) -> None:
    assert not [each for each in resources(template, FUNCTION).values() if "ReservedConcurrentExecutions" in each]


def _set(key: str, value: Any) -> Any:
    def mutate(template: Template) -> None:
        only(template, FUNCTION, construct(next(iter(MANIFESTS.values()))))[key] = value

    return mutate


def _retain_a_log_for_ever(template: Template) -> None:
    next(iter(resources(template, LOG).values()))["RetentionInDays"] = 0


def _share_a_log(template: Template) -> None:
    first, second, *_ = resources(template, FUNCTION).values()
    first["LoggingConfig"] = second["LoggingConfig"]


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (all_run_what_they_were_built_for, _set("Runtime", "python3.13")),
        (all_run_what_they_were_built_for, _set("Architectures", ["x86_64"])),
        (traces_begin_with_turns, _set("TracingConfig", {"Mode": "Active"})),
        (every_log_has_a_retention, _retain_a_log_for_ever),
        (every_log_has_a_retention, _share_a_log),
        (node_types_keep_to_their_manifests, _set("Timeout", 3)),
        (no_internal_address_may_be_called, _set("Environment", {"Variables": {"CHATFLOW_PRIVATE_HOSTS": "x"}})),
        (no_concurrency_is_reserved, _set("ReservedConcurrentExecutions", 5)),
    ],
)
def test_functions_run_as_they_should(template: Template, check: Any, mutate: Any) -> None:
    assert_detects(check, template, mutate)


def test_lambda_breaks_no_chain_of_continue_events(template: Template) -> None:
    """The conversation function invokes itself through both queues, within bounds of its own."""
    functions = resources(template, "AWS::Lambda::Function")
    allowed = {name[: -len("Function12345678")] for name, each in functions.items() if "RecursiveLoop" in each}
    assert allowed == {"ConversationTurns", "TimersDelayedEvents"}
    assert all(only(template, "AWS::Lambda::Function", each)["RecursiveLoop"] == "Allow" for each in allowed)
