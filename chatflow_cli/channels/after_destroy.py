"""Removes the accounts' secrets of a stack that was deleted: `python -m chatflow_cli.channels.after_destroy <stage>`.

`make destroy` calls it. CloudFormation does not know these secrets. A stack that still exists keeps them, and so does
one that kept its data when it was deleted. Channels whose API sets webhooks are told to post no more. Only the stack
knows the address of these: `--outputs`, called before it is deleted, prints its outputs, which the second call gets.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from chatflow_cli.channels.account_secrets import RECOVERY_DAYS, AccountSecrets
from chatflow_cli.channels.connecting import stop_posts
from chatflow_cli.channels.deployment import Deployment, aws_errors, find_deployment
from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.stack import read_stack
from chatflow_cli.errors import CommandError


def remove_accounts(stage: str, outputs: Mapping[str, Any], account: Account | None = None) -> dict[str, bool]:
    """The names of the secrets that were removed, and whether the channel of each posts no more. Raises CommandError.

    `outputs`: those that the stack had, {} where they are not known: then no webhook is removed.
    """
    name = f"Chatflow-{stage}"
    removed = {}
    with aws_errors("cloudformation:DescribeStacks and secretsmanager:ListSecrets, DescribeSecret, DeleteSecret"):
        account = account or Account.of_shell()
        secrets = AccountSecrets(account.client("secretsmanager"), name, f"{name}/conversation-key")
        if read_stack(account, name).is_deployed or secrets.is_retained():
            return {}
        for each in [each for each in secrets.accounts() if not each.older]:
            removed[each.secret] = "WebhookUrl" in outputs and stop_posts(Deployment(outputs, secrets), each)
            secrets.remove(each)
    return removed


def main(arguments: list[str]) -> int:
    """Returns the exit code. Arguments: the stage, then `--outputs` or what that printed."""
    stage, *more = arguments
    try:
        if more == ["--outputs"]:
            sys.stdout.write(json.dumps(dict(find_deployment(stage).outputs)))
            return 0
        removed = remove_accounts(stage, json.loads("".join(more) or "{}"))
    except CommandError as error:
        what = (
            "webhooks of accounts will not be removed"
            if more == ["--outputs"]
            else "secrets of accounts were not removed"
        )
        sys.stderr.write(f"The {what}. {error.detail} {error.advice}\n")
        return 1
    for name, posts_no_more in removed.items():
        webhook = "its channel posts nothing more" if posts_no_more else "remove its webhook in the channel's console"
        sys.stdout.write(f"{name} is deleted; it can be recovered for {RECOVERY_DAYS} days; {webhook}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
