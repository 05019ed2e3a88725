"""Which policies of a topic let an alarm publish."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow_cli.doctor.topic_policy import allows_alarm
from tests.fakes.healthy_account import ALARM, NUMBER, TOPIC

SERVICE = {"Service": "cloudwatch.amazonaws.com"}
DENY_PLAIN_HTTP = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sns:Publish",
    "Resource": TOPIC,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def allow(condition: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": SERVICE, "Action": "sns:Publish", "Resource": TOPIC, **changes}
    return {**statement, **({"Condition": condition} if condition else {})}


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([], False),
        ([DENY_PLAIN_HTTP], False),  # what `enforce_ssl` alone makes
        ([allow()], True),
        ([allow(), DENY_PLAIN_HTTP], True),
        ([allow(Action=["sns:Subscribe", "SNS:Publish"])], True),
        ([allow(Action="sns:*", Resource="*", Principal="*")], True),
        ([allow(Action="sns:Subscribe")], False),
        ([allow(Principal={"Service": "events.amazonaws.com"})], False),
        ([allow(Principal={"AWS": f"arn:aws:iam::{NUMBER}:root"})], False),
        ([allow(Resource=f"{TOPIC}-2")], False),
        # The policy that SNS gives a topic by itself.
        ([allow({"StringEquals": {"AWS:SourceOwner": NUMBER}}, Principal={"AWS": "*"})], True),
        ([allow({"StringEquals": {"aws:SourceAccount": NUMBER}})], True),
        ([allow({"StringEquals": {"aws:SourceAccount": "999999999999"}})], False),
        ([allow({"ArnLike": {"aws:SourceArn": ALARM.rpartition("-")[0] + "-*"}})], True),
        ([allow({"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:*:*:alarm:Other-*"}})], False),
        ([allow({"StringLike": {"aws:SourceArn": [ALARM, "x"]}})], True),
        ([allow({"StringEquals": {"aws:SourceAccount": NUMBER}, "ArnLike": {"aws:SourceArn": "x"}})], False),
        ([allow({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})], None),
        ([allow({"StringNotEquals": {"aws:SourceAccount": NUMBER}})], None),
        ([allow({"Null": {"aws:PrincipalOrgID": "true"}}), allow()], True),
        ([allow(), allow(Effect="Deny", Principal="*")], False),
        ([allow(), allow({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, Effect="Deny")], None),
        ([allow(Effect="Deny", Principal={"AWS": "arn:aws:iam::1:role/x"}), allow()], True),
    ],
)
def test_a_policy_is_read_as_iam_reads_it(statements: list[dict[str, Any]], allowed: bool | None) -> None:
    assert allows_alarm({"Statement": statements}, TOPIC, ALARM, NUMBER) is allowed


def test_a_single_statement_need_not_be_a_list() -> None:
    assert allows_alarm({"Statement": allow()}, TOPIC, ALARM, NUMBER) is True


def test_brackets_of_a_pattern_mean_themselves() -> None:
    assert allows_alarm({"Statement": allow(Resource=f"{TOPIC[:-1]}[s]")}, TOPIC, ALARM, NUMBER) is False
