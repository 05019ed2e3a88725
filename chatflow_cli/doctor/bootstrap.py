"""Whether the CDK's bootstrap stack is in the Region, in a version that the template accepts."""

from __future__ import annotations

from typing import Final

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import attempt
from chatflow_cli.doctor.finding import Finding, cannot_tell, not_ok, ok

ACTION = "ssm:GetParameter"
CHECK = "Bootstrap"
# The rule CheckBootstrapVersion of every synthesized template refuses older ones.
MIN_VERSION: Final = 6


def check_bootstrap(account: Account, number: str, qualifier: str) -> Finding:
    """`number` is the account's."""
    return attempt(CHECK, ACTION, lambda: _check(account, number, qualifier))


def _check(account: Account, number: str, qualifier: str) -> Finding:
    from botocore.exceptions import ClientError

    place = f"aws://{number}/{account.region}"
    mend = f"Bootstrap it, once: node_modules/.bin/cdk bootstrap {place}"
    name = f"/cdk-bootstrap/{qualifier}/version"
    try:
        value = account.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        return not_ok(CHECK, f"{account.region} of account {number} is not bootstrapped for the CDK.", mend)
    if not value.isdigit():
        return cannot_tell(CHECK, f"The parameter {name} holds no version.", mend)
    if int(value) < MIN_VERSION:
        return not_ok(CHECK, f"Version {value} is too old: the CDK needs {MIN_VERSION} or newer.", mend)
    return ok(CHECK, f"version {value}")
