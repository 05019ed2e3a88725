"""The idle bill: counted in the template, with no type of resource left out."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from infrastructure.review.idle_bill import Unpriced, bill, render
from tests.infrastructure.template_checks import Template, resources


def _template(*kinds: str, **properties: Any) -> Template:
    return {"Resources": {f"R{n}": {"Type": kind, "Properties": properties} for n, kind in enumerate(kinds)}}


def test_every_type_of_resource_has_a_price_or_a_reason_for_none(
    template: Template, prod: Template, with_key: Template
) -> None:
    for each in (template, prod, with_key):
        assert bill(each).list_price > 0


def test_a_type_without_a_price_is_reported(template: Template) -> None:
    mutated = copy.deepcopy(template)
    mutated["Resources"]["Gateway1234ABCD"] = {"Type": "AWS::EC2::NatGateway"}
    with pytest.raises(Unpriced, match=r"AWS::EC2::NatGateway.*here: Gateway"):
        bill(mutated)


def test_the_sum_adds_all_items_and_subtracts_the_free_tier() -> None:
    idle = bill(
        _template(*["AWS::CloudWatch::Alarm"] * 12, "AWS::SecretsManager::Secret", "AWS::SecretsManager::Secret")
    )
    assert idle.list_price == pytest.approx(12 * 0.10 + 2 * 0.40)
    assert idle.beyond_free == pytest.approx(2 * 0.10 + 2 * 0.40)


def test_an_alarm_on_an_expression_costs_one_for_each_metric() -> None:
    metrics = [{"Expression": "a/b"}, {"MetricStat": {}}, {"MetricStat": {}}]
    assert bill(_template("AWS::CloudWatch::Alarm", Metrics=metrics)).items[0].count == 2


def test_a_customer_managed_key_costs_a_dollar(template: Template, with_key: Template) -> None:
    assert bill(with_key).list_price - bill(template).list_price == pytest.approx(1.0)


def test_nothing_in_the_stack_is_paid_by_the_hour(template: Template) -> None:
    assert bill(template).list_price < 10  # a single NAT gateway or idle container is dearer
    assert all(
        "ProvisionedConcurrencyConfig" not in each for each in resources(template, "AWS::Lambda::Function").values()
    )


def test_the_bill_fits_a_terminal(template: Template) -> None:
    text = render(bill(template), "dev")
    assert "together" in text
    assert f"{bill(template).list_price:.2f}" in text
    assert max(map(len, text.splitlines())) <= 130
