"""What CloudWatch masks in every log, should it ever stand there: our code writes none of it (tests see to that).

It is a second net, for what a library or a service writes. docs/security.md says what it costs and does not catch.
"""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_logs as logs

# Channels write numbers as digits alone, and CloudWatch's own identifiers find one only beside a word such as "phone".
# Country code and number are at most 15 digits (E.164), as a word of its own: no part of a key or an id. What begins
# with 1 is North American and has eleven; so a time in milliseconds (13 digits) or seconds (10) stays readable.
NUMBERS: Final = {
    "Chatflow-number": r"\b[2-9]\d{8,14}\b",
    "Chatflow-number-north-america": r"\b1[2-9]\d{9}\b",
}
_KNOWN: Final = (
    logs.DataIdentifier.EMAILADDRESS,
    logs.DataIdentifier.AWSSECRETKEY,
    logs.DataIdentifier.OPENSSHPRIVATEKEY,
    logs.DataIdentifier.PGPPRIVATEKEY,
    logs.DataIdentifier.PKCSPRIVATEKEY,
    logs.DataIdentifier.PUTTYPRIVATEKEY,
    logs.DataIdentifier.CREDITCARDNUMBER,
    logs.DataIdentifier.PHONENUMBER_BR,
    logs.DataIdentifier.PHONENUMBER_DE,
    logs.DataIdentifier.PHONENUMBER_ES,
    logs.DataIdentifier.PHONENUMBER_FR,
    logs.DataIdentifier.PHONENUMBER_GB,
    logs.DataIdentifier.PHONENUMBER_IT,
    logs.DataIdentifier.PHONENUMBER_US,
)


def masking() -> logs.DataProtectionPolicy:
    """The policy of one log group. Who may `logs:Unmask` sees what is behind the asterisks; no role of ours may."""
    numbers = [logs.CustomDataIdentifier(name, pattern) for name, pattern in NUMBERS.items()]
    return logs.DataProtectionPolicy(
        name="chatflow",
        description="Addresses of contacts and credentials are masked.",
        identifiers=[*_KNOWN, *numbers],
    )
