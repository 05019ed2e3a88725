"""Every log is masked, and its policy has the documented shape: the emulator would accept any."""

from __future__ import annotations

import json
import re

import pytest

from tests.infrastructure.template_checks import Template, plain, resources

# docs.aws.amazon.com, CloudWatch Logs: "Understanding data protection policies", "Custom data identifiers"
NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
PATTERN = re.compile(r"[A-Za-z0-9_#=@/;,\- ^$?\[\]{}|\\*+.]{1,200}")
MANAGED = re.compile(r"arn:<AWS::Partition>:dataprotection::aws:data-identifier/[A-Za-z]+(-[A-Z]{2})?")


def test_every_log_is_masked_by_a_policy_of_the_documented_shape(template: Template) -> None:
    for name, log in resources(template, "AWS::Logs::LogGroup").items():
        policy = log["DataProtectionPolicy"]
        assert policy.keys() == {"Name", "Description", "Version", "Statement", "Configuration"}, name
        assert policy["Version"] == "2021-06-01"
        custom = policy["Configuration"]["CustomDataIdentifier"]
        assert len(custom) <= 10
        for identifier in custom:
            assert NAME.fullmatch(identifier["Name"])
            assert PATTERN.fullmatch(identifier["Regex"])
        audit, mask = policy["Statement"]
        assert audit["Operation"] == {"Audit": {"FindingsDestination": {}}}
        assert mask["Operation"] == {"Deidentify": {"MaskConfig": {}}}
        assert audit["DataIdentifier"] == mask["DataIdentifier"]  # AWS refuses two different lists
        custom_names = {each["Name"] for each in custom}
        managed = [plain(each) for each in mask["DataIdentifier"] if plain(each) not in custom_names]
        assert len(managed) == len(mask["DataIdentifier"]) - len(custom_names)
        assert all(MANAGED.fullmatch(each) for each in managed)
        assert {"EmailAddress", "AwsSecretKey", "PhoneNumber-DE"} <= {each.rpartition("/")[2] for each in managed}
        assert len(json.dumps(policy)) < 30_720


def test_masking_can_be_turned_off(with_existing_key: Template) -> None:
    assert not any(
        "DataProtectionPolicy" in log for log in resources(with_existing_key, "AWS::Logs::LogGroup").values()
    )


@pytest.mark.parametrize(
    "line",
    [
        '{"to": "491701234567"}',
        "could not write to +491701234567.",
        "16505551234 hung up",
        "447400123456",
        "wa_id=5511987654321",
        "6581234567",
    ],
)
def test_numbers_are_masked_as_channels_write_them(line: str) -> None:
    from infrastructure.log_groups import PHONE_NUMBER_PATTERNS

    masked = line
    for pattern in PHONE_NUMBER_PATTERNS.values():
        masked = re.sub(pattern, "*", masked)
    assert "*" in masked
    assert not re.search(r"\d{5}", masked)


@pytest.mark.parametrize(
    "line",
    [
        '{"conversation": "c_49170123456789012345678901234567"}',
        '{"timestamp": 1795370400000, "_aws": {"Timestamp": 1795370400123}}',
        '{"expires_at": 1795370400}',
        '{"bytes": 104857600, "milliseconds": 120000}',
        "Root=1-67890abc-12345678901234567890abcd",
        "2026-11-22T18:00:00.123456Z",
    ],
)
def test_ids_and_times_stay_readable(line: str) -> None:
    from infrastructure.log_groups import PHONE_NUMBER_PATTERNS

    assert not [pattern for pattern in PHONE_NUMBER_PATTERNS.values() if re.search(pattern, line)]
