"""The scale model: every limit and price that it uses is there, and what is said of it elsewhere follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatflow.channels.pacing import Pace
from chatflow.conversation.listing import SHARDS
from chatflow.integrations.host_health import capacities
from chatflow_cli.doctor.quotas import REQUESTS, TURN_SECONDS
from infrastructure.configuration import Configuration
from infrastructure.review.scale.model import BUSY, QUIET, cost, needs, uses
from infrastructure.review.scale.report import render
from infrastructure.review.scale.usage import conversation
from tests.infrastructure.template_checks import Template, resources

_MOST_OF_A_KEY = 1 / 16


def test_no_key_takes_more_than_a_sixteenth_of_the_writes() -> None:
    """A thousand conversations a second, of one API, through as many numbers as their messages need."""
    used = uses(replace(BUSY, conversations_per_second=1000), conversation())
    writes = dict.fromkeys(("sessions", "hosts", "rates"), 0.0)
    everything = 0.0
    for calls in conversation().turns.values():
        for call in calls:
            for table, units in call.tables.items():
                everything += units.write + units.index
                if table in writes:
                    writes[table] += units.index if table == "sessions" else units.write
    numbers = 1000 * used["channel messages"] / 80
    keys = {
        "sessions": len(SHARDS),
        "hosts": len(capacities(int(1000 * used["concurrent turns"] / 2))),
        "rates": numbers * Pace(80).cells,
    }
    assert all(writes[table] > 0 for table in writes)
    for table, number in keys.items():
        assert writes[table] / number / everything <= _MOST_OF_A_KEY, table


def test_a_thousand_conversations_a_second_need_no_more_than_quotas_that_can_be_raised() -> None:
    configuration = replace(Configuration(), concurrency=1000, requests_per_second=11_000)
    found = needs(replace(BUSY, conversations_per_second=1000), configuration)
    bounds = {need.limit for need in found if not need.is_met}
    assert not [limit for limit in bounds if "DynamoDB" in limit or "S3" in limit or "SQS" in limit]


def test_the_limit_that_bites_first_is_named_first_and_a_higher_setting_moves_it() -> None:
    few, many = (needs(BUSY, Configuration(requests_per_second=each)) for each in (11, 4400))
    assert few[0].limit == "Webhooks' throttle of the stack"
    assert few[0].bites_at == pytest.approx(1)
    assert many[0].limit != few[0].limit


def test_a_quiet_day_costs_more_than_a_busy_one_for_its_starts_and_secrets() -> None:
    busy, quiet = cost(BUSY).parts, cost(QUIET).parts
    more = {unit for unit in busy if quiet[unit] > busy[unit] * 1.01}
    assert more == {"function GB-second", "secret read", "turn GB-second", "read unit"}


def test_what_the_doctor_says_of_conversations_follows_from_the_model() -> None:
    used = uses(BUSY, conversation())
    assert used["webhook requests"] == REQUESTS
    assert used["concurrent turns"] == pytest.approx(TURN_SECONDS, rel=0.1)


def test_functions_have_the_memory_that_the_model_bills(template: Template) -> None:
    found = {each["FunctionName"]: each["MemorySize"] for each in resources(template, "AWS::Lambda::Function").values()}
    for name, function in conversation().functions.items():
        assert found[f"Chatflow-dev-{name.replace('_', '-')}"] == function.memory, name


def test_the_report_marks_what_is_exceeded_and_says_what_lifts_it() -> None:
    report = render(100, Configuration())
    assert "exceeded; to lift it: -c concurrency=" in report
    assert "together, without egress" in report
    assert "No limit is exceeded" in render(0.1, Configuration())
