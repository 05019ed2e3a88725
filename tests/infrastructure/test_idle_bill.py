"""What the stack costs while nobody chats: counted, not guessed, and with nothing left out."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from infrastructure.review.idle_bill import Unpriced, bill, shown
from tests.infrastructure.reading import Template, resources


def _of(*kinds: str, **properties: Any) -> Template:
    return {"Resources": {f"R{n}": {"Type": kind, "Properties": properties} for n, kind in enumerate(kinds)}}


def test_every_type_of_resource_has_a_price_or_a_reason_for_none(
    template: Template, lasting: Template, keyed: Template
) -> None:
    for each in (template, lasting, keyed):
        assert bill(each).listed > 0


def test_a_type_that_nobody_priced_is_named(template: Template) -> None:
    spoiled = copy.deepcopy(template)
    spoiled["Resources"]["Gateway1234ABCD"] = {"Type": "AWS::EC2::NatGateway"}
    with pytest.raises(Unpriced, match=r"AWS::EC2::NatGateway.*here: Gateway"):
        bill(spoiled)


def test_the_sum_is_that_of_its_parts_and_free_ones_are_taken_off() -> None:
    idle = bill(_of(*["AWS::CloudWatch::Alarm"] * 12, "AWS::SecretsManager::Secret", "AWS::SecretsManager::Secret"))
    assert idle.listed == pytest.approx(12 * 0.10 + 2 * 0.40)
    assert idle.beyond_free == pytest.approx(2 * 0.10 + 2 * 0.40)


def test_an_alarm_on_a_calculation_costs_as_many_as_it_watches() -> None:
    metrics = [{"Expression": "a/b"}, {"MetricStat": {}}, {"MetricStat": {}}]
    assert bill(_of("AWS::CloudWatch::Alarm", Metrics=metrics)).items[0].count == 2


def test_a_key_of_ones_own_costs_a_dollar(template: Template, keyed: Template) -> None:
    assert bill(keyed).listed - bill(template).listed == pytest.approx(1.0)


def test_nothing_in_the_stack_is_paid_by_the_hour(template: Template) -> None:
    assert bill(template).listed < 10  # a single NAT gateway or idle container is dearer
    assert all(
        "ProvisionedConcurrencyConfig" not in each for each in resources(template, "AWS::Lambda::Function").values()
    )


def test_the_bill_can_be_read(template: Template) -> None:
    text = shown(bill(template), "dev")
    assert "together" in text
    assert f"{bill(template).listed:.2f}" in text
    assert max(map(len, text.splitlines())) <= 130
