"""Whose credentials this shell has, and which Region it names."""

from __future__ import annotations

from dataclasses import dataclass

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import explain
from chatflow_cli.doctor.finding import Finding, cannot_tell, not_ok, ok

ACTION = "sts:GetCallerIdentity"


@dataclass(frozen=True)
class Identity:
    """The account's number, and the findings. `account` is "" when AWS cannot be asked."""

    findings: tuple[Finding, ...]
    account: str = ""


def check_identity(account: Account) -> Identity:
    """The Region, then the credentials: without a Region, AWS cannot be asked."""
    from botocore.exceptions import BotoCoreError, ClientError

    region = _region(account)
    if not account.region:
        return Identity((region,))
    try:
        caller = account.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        return Identity((region, credentials_problem(error)))
    return Identity((region, ok("Credentials", f"account {caller['Account']}, {caller['Arn']}")), caller["Account"])


def credentials_problem(error: Exception) -> Finding:
    """The finding for credentials that cannot be used."""
    why = explain(error, ACTION)
    return not_ok("Credentials", why.text, why.mend)


def _region(account: Account) -> Finding:
    if not account.region:
        return not_ok(
            "Region",
            "This shell names none, and the CDK would choose us-east-1.",
            "Name one: export AWS_REGION=eu-central-1",
        )
    if not account.knows_region():
        return cannot_tell(
            "Region",
            f'"{account.region}" is not among the Regions that botocore knows.',
            "Check its spelling in AWS_REGION or in the profile.",
        )
    return ok("Region", account.region)
