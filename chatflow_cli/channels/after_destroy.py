"""Removes the accounts' secrets of a stack that was deleted: `python -m chatflow_cli.channels.after_destroy <stage>`.

`make destroy` calls it. CloudFormation does not know these secrets. A stack that still exists keeps them, and so does
one that kept its data when it was deleted.
"""

from __future__ import annotations

import sys

from chatflow_cli.channels.account_secrets import RECOVERY_DAYS, AccountSecrets
from chatflow_cli.channels.deployment import aws_errors
from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.stack import read_stack
from chatflow_cli.errors import CommandError


def remove_accounts(stage: str, account: Account | None = None) -> list[str]:
    """The names of the secrets that were removed. Raises CommandError."""
    name = f"Chatflow-{stage}"
    with aws_errors("cloudformation:DescribeStacks and secretsmanager:ListSecrets, DescribeSecret, DeleteSecret"):
        account = account or Account.of_shell()
        secrets = AccountSecrets(account.client("secretsmanager"), name, f"{name}/conversation-key")
        if read_stack(account, name).is_deployed or secrets.is_retained():
            return []
        own = [each for each in secrets.accounts() if not each.older]
        for each in own:
            secrets.remove(each)
    return [each.secret for each in own]


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    (stage,) = arguments
    try:
        removed = remove_accounts(stage)
    except CommandError as error:
        sys.stderr.write(f"The secrets of accounts were not removed. {error.detail} {error.advice}\n")
        return 1
    for name in removed:
        sys.stdout.write(f"{name} is deleted; it can be recovered for {RECOVERY_DAYS} days.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
