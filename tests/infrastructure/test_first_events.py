"""What the first event of each function does, without a clock: modules imported, TLS prepared, calls made.

Each limit is what was reached; work that makes a first event lighter lowers it. `make benchmark ARGS=first-events`
measures the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import pytest

from management.nouns import NOUNS
from tests.benchmarks.deployed import deployed
from tests.benchmarks.events import (
    API_DOWN,
    API_UP,
    CONDITION,
    INPUT,
    MANAGEMENT,
    MEASURED,
    MEDIA_IN,
    MEDIA_OUT,
    MENU,
    PHOTO_HANDED_OVER,
    PHOTO_TURN,
    SET_VARIABLE,
    TEXT,
    TEXT_TURN,
    VALIDATION,
    WEBHOOK,
    Measured,
)
from tests.benchmarks.lambdas import Run, lambdas_over_tls
from tests.fakes.aws_over_tls import Seen

pytestmark = pytest.mark.slow

HOT: Final = tuple(each for each in MEASURED if each is not MANAGEMENT)
CALLS_NO_AWS: Final = (CONDITION, SET_VARIABLE)

# Modules, with all below them, that the first event of these functions does not import.
FORBIDDEN: Final[dict[str, tuple[Measured, ...]]] = {
    "boto3": MEASURED,
    "s3transfer": MEASURED,
    "pydantic": HOT,
    "yaml": HOT,
    "asyncio": MEASURED,
    "multiprocessing": MEASURED,
    "aws_lambda_powertools": HOT,
    "botocore.docs.service": MEASURED,
    "html.parser": MEASURED,
    "importlib.metadata": MEASURED,
    "requests": MEASURED,
    # The others send no multipart body.
    "requests_toolbelt": tuple(each for each in MEASURED if each not in (MEDIA_OUT, API_UP)),
    "botocore": HOT,
    "botocore.session": MEASURED,
    "urllib3": (WEBHOOK, TEXT_TURN, PHOTO_TURN, MANAGEMENT, *CALLS_NO_AWS),
    "ssl": CALLS_NO_AWS,
    "aws_cdk": MEASURED,
    "chatflow.flows.validation": MEASURED,
}


# What the management API does not import before a request needs it: what one kind of request alone uses.
NOT_AT_A_START: Final = (
    *(f"management.{noun}.routes" for noun in NOUNS),
    *("botocore.session", "yaml", "tomllib"),
    *("chatflow.flows", "chatflow.publishing", "chatflow.conversation", "chatflow.media", "chatflow.integrations"),
)


@dataclass(frozen=True)
class Most:
    """TLS contexts made, and those of them that know authorities: one for AWS and one for other hosts."""

    contexts: int
    bundles: int


TLS: Final = {
    WEBHOOK: Most(contexts=1, bundles=1),
    TEXT_TURN: Most(contexts=1, bundles=1),
    PHOTO_TURN: Most(contexts=1, bundles=1),
    TEXT: Most(contexts=2, bundles=2),
    INPUT: Most(contexts=2, bundles=2),
    MENU: Most(contexts=2, bundles=2),
    CONDITION: Most(contexts=0, bundles=0),
    SET_VARIABLE: Most(contexts=0, bundles=0),
    MEDIA_IN: Most(contexts=2, bundles=2),
    MEDIA_OUT: Most(contexts=2, bundles=2),
    API_UP: Most(contexts=2, bundles=2),
    API_DOWN: Most(contexts=2, bundles=2),
    MANAGEMENT: Most(contexts=1, bundles=1),
}

_SECRET: Final = "secretsmanager:GetSecretValue"
_SENDS: Final = ["dynamodb:TransactWriteItems", _SECRET, "channel:POST", "dynamodb:UpdateItem"]
CALLS: Final[dict[Measured, list[str]]] = {
    WEBHOOK: [_SECRET, _SECRET, "sqs:SendMessageBatch"],
    TEXT_TURN: [
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:GetItem",
        "states:StartSyncExecution",
        "dynamodb:TransactWriteItems",
    ],
    PHOTO_TURN: [
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "states:StartSyncExecution",
        "dynamodb:TransactWriteItems",
    ],
    TEXT: _SENDS,
    INPUT: _SENDS,
    MENU: _SENDS,
    CONDITION: [],
    SET_VARIABLE: [],
    MEDIA_IN: [_SECRET, "channel:GET", "s3:PutObject", "s3:PutObjectTagging"],
    MEDIA_OUT: [
        "dynamodb:TransactWriteItems",
        _SECRET,
        "s3:GetObject",
        "channel:POST",
        "channel:POST",
        "dynamodb:UpdateItem",
    ],
    API_UP: [
        _SECRET,
        "dynamodb:TransactWriteItems",
        "s3:GetObject",
        "business:POST",
        "dynamodb:TransactWriteItems",
    ],
    API_DOWN: [
        _SECRET,
        "dynamodb:TransactWriteItems",
        "business:GET",
        "s3:PutObject",
        "s3:PutObjectTagging",
        "dynamodb:TransactWriteItems",
    ],
    MANAGEMENT: ["dynamodb:Query"],
}

FirstEvent = Callable[[Measured], tuple[Run, Seen]]


@pytest.fixture(scope="module")
def first_event() -> Iterator[FirstEvent]:
    """The first event of a function, in a process of its own: what it did, and what reached the fake AWS."""
    with lambdas_over_tls(deployed().stored) as lambdas:

        @cache
        def first_event(function: Measured) -> tuple[Run, Seen]:
            lambdas.server.seen()
            return lambdas.run(function, observed=True), lambdas.server.seen()

        yield first_event


each_function = pytest.mark.parametrize("function", MEASURED, ids=lambda function: function.name)


@each_function
def test_the_first_event_imports_nothing_that_is_forbidden(first_event: FirstEvent, function: Measured) -> None:
    run, _ = first_event(function)
    forbidden = [name for name, functions in FORBIDDEN.items() if function in functions]
    assert _imported(forbidden, run.modules) == []


def test_a_start_of_the_management_api_imports_nothing_for_some_requests_only(first_event: FirstEvent) -> None:
    run, _ = first_event(MANAGEMENT)
    assert _imported(NOT_AT_A_START, run.started_with) == []


def test_a_request_imports_the_routes_of_its_own_noun(first_event: FirstEvent) -> None:
    run, _ = first_event(MANAGEMENT)
    assert [noun for noun in NOUNS if f"management.{noun}.routes" in run.modules] == ["flows"]


def test_a_validation_calls_aws_and_checks_paths_without_heavy_libraries(first_event: FirstEvent) -> None:
    run, _ = first_event(VALIDATION)
    assert _imported(("botocore.session", "jsonpath"), run.modules) == []


@each_function
def test_the_first_event_makes_no_more_tls_contexts_than_it_did(first_event: FirstEvent, function: Measured) -> None:
    run, _ = first_event(function)
    assert run.contexts <= TLS[function].contexts
    assert run.bundles <= TLS[function].bundles


@each_function
def test_the_first_event_makes_these_calls_in_this_order(first_event: FirstEvent, function: Measured) -> None:
    _, seen = first_event(function)
    assert seen.operations == CALLS[function]


def test_a_photo_turn_makes_at_most_twelve_calls_to_aws() -> None:
    """Once the secrets are known. docs/aws-calls.md says what each is for."""
    calls = [call for function in PHOTO_HANDED_OVER for call in CALLS[function]]
    assert len([call for call in calls if not call.startswith(("channel:", "business:", "secretsmanager:"))]) <= 12


def _imported(names: Iterable[str], modules: frozenset[str]) -> list[str]:
    """The names of which the module, or one below it, is among these."""
    return [name for name in names if any(f"{each}.".startswith(f"{name}.") for each in modules)]
