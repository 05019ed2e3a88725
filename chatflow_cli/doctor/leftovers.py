"""What an earlier stack of the same name left behind, and whether it blocks a new one.

Names of secrets and of the schedule group are fixed. After a stack was deleted, AWS deletes both in the background: for
a minute or so their names are still taken. What `prod` retained keeps its name until a person deletes it, and a secret
that a person deleted keeps it until the end of its recovery window.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import attempt
from chatflow_cli.doctor.finding import Finding, not_ok, ok
from chatflow_cli.doctor.refusal import Refusal

ACTIONS: Final = ("secretsmanager:ListSecrets", "scheduler:ListScheduleGroups")
CHECK: Final = "Names"
_WAIT_SECONDS: Final = 300
_POLL_SECONDS: Final = 5
# A secret that was deleted longer ago than this was deleted with a recovery window, of 7 to 30 days.
_LONGEST_DELETION: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class TakenNames:
    """Names that are taken: by what is being deleted, by what stays, and by deleted secrets that can be recovered."""

    vanishing: Sequence[str] = ()
    retained: Sequence[str] = ()
    recoverable: Sequence[str] = ()

    def refusal(self, stack_name: str) -> Refusal | None:
        """Why waiting does not help; None when nothing stays."""
        if self.recoverable:
            (first, *_) = self.recoverable
            return Refusal(
                f"Deleted secrets of an earlier {stack_name} can still be recovered and keep their names: "
                f"{', '.join(self.recoverable)}.",
                "Give them up: aws secretsmanager delete-secret --force-delete-without-recovery --secret-id "
                f"{first.removeprefix('the secret ')}",
            )
        if self.retained:
            return Refusal(
                f"An earlier {stack_name} left {', '.join(self.retained)}. A new stack cannot create them again.",
                "If you no longer need them, delete them, then deploy again (docs/deploy.md, Deleting a deployment).",
            )
        return None


def check_names(account: Account, stack_name: str) -> Finding:
    """Whether a new stack of this name can be created. Waits for nothing."""
    return attempt(CHECK, " and ".join(ACTIONS), lambda: _check(account, stack_name))


def _check(account: Account, stack_name: str) -> Finding:
    names = taken_names(account, stack_name)
    if refusal := names.refusal(stack_name):
        return not_ok(CHECK, refusal.text, refusal.mend)
    if names.vanishing:
        return ok(CHECK, f"AWS is still deleting {', '.join(names.vanishing)}: make deploy waits for it")
    return ok(CHECK, f"nothing of an earlier {stack_name} is left")


def wait_for_names(
    account: Account,
    stack_name: str,
    tell: Callable[[str], None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until AWS has deleted what an earlier stack had. Raises Refusal for names that stay taken."""
    until = clock() + _WAIT_SECONDS
    reported: Sequence[str] = ()
    while True:
        names = taken_names(account, stack_name)
        if refusal := names.refusal(stack_name):
            raise refusal
        if not names.vanishing:
            return
        if clock() >= until:
            raise Refusal(
                f"AWS is still deleting {', '.join(names.vanishing)} of an earlier {stack_name}.", "Deploy again later."
            )
        if names.vanishing != reported:
            reported = names.vanishing
            tell(f"AWS is still deleting {', '.join(reported)} of an earlier {stack_name}; waiting.")
        sleep(_POLL_SECONDS)


def taken_names(account: Account, stack_name: str) -> TakenNames:
    """Raises what botocore raises."""
    vanishing: list[str] = []
    retained: list[str] = []
    recoverable: list[str] = []
    pages = (
        account.client("secretsmanager")
        .get_paginator("list_secrets")
        .paginate(IncludePlannedDeletion=True, Filters=[{"Key": "name", "Values": [f"{stack_name}/"]}])
    )
    for secret in (each for page in pages for each in page["SecretList"]):
        # The secrets of the business and of connected accounts are not of the stack: the next one creates none of them.
        if re.fullmatch(rf"{re.escape(stack_name)}/(channels/[^/]+|conversation-key.*)", secret["Name"]):
            deleted = secret.get("DeletedDate")
            names = retained if not deleted else recoverable if _is_recoverable(deleted) else vanishing
            names.append(f"the secret {secret['Name']}")
    group = f"{stack_name}-waits"
    for each in account.client("scheduler").list_schedule_groups(NamePrefix=group)["ScheduleGroups"]:
        if each["Name"] == group:
            (vanishing if each["State"] == "DELETING" else retained).append(f"the schedule group {group}")
    return TakenNames(vanishing, retained, recoverable)


def _is_recoverable(deleted: Any) -> bool:
    return bool(datetime.now(UTC) - deleted > _LONGEST_DELETION)
