"""What an earlier stack of the same name left behind, and whether it blocks a new one.

Names of secrets and of the schedule group are fixed. After a stack was deleted, AWS deletes both in the background: for
a minute or so their names are still taken. What `prod` retained keeps its name until a person deletes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from infrastructure.preflight.refusal import Refusal

_FAILED_CREATION: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
_WAIT_SECONDS: Final = 300
_POLL_SECONDS: Final = 5


@dataclass(frozen=True)
class Clients:
    """Clients of the account that is deployed to."""

    cloudformation: Any
    secretsmanager: Any
    scheduler: Any


@dataclass(frozen=True)
class _Names:
    """Names that are taken: by what is being deleted, and by what stays."""

    vanishing: Sequence[str]
    retained: Sequence[str]


def check_stack(clients: Clients, stack_name: str) -> bool:
    """Whether the stack exists and can be updated; False when the deploy will create it.

    Raises Refusal when its first deploy failed and it is protected from deletion, which the CDK has to do first.
    """
    from botocore.exceptions import ClientError

    try:
        (stack,) = clients.cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":  # "Stack with id ... does not exist"
            raise
        return False
    if stack["StackStatus"] not in _FAILED_CREATION:
        return True
    if stack.get("EnableTerminationProtection"):
        raise Refusal(
            f"The first deploy of {stack_name} failed ({stack['StackStatus']}). It must be deleted before the next, "
            "and is protected from deletion. It has no data yet. Remove the protection, then deploy again:\n"
            "  aws cloudformation update-termination-protection --no-enable-termination-protection "
            f"--stack-name {stack_name}"
        )
    return False


def wait_for_names(
    clients: Clients,
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
        names = _taken(clients, stack_name)
        if names.retained:
            raise Refusal(
                f"An earlier {stack_name} left {', '.join(names.retained)}. A new stack cannot create them again. "
                "If you no longer need them, delete them, then deploy again (docs/deploy.md, Deleting a deployment)."
            )
        if not names.vanishing:
            return
        if clock() >= until:
            raise Refusal(
                f"AWS is still deleting {', '.join(names.vanishing)} of an earlier {stack_name}. Deploy again later."
            )
        if names.vanishing != reported:
            reported = names.vanishing
            tell(f"AWS is still deleting {', '.join(reported)} of an earlier {stack_name}; waiting.")
        sleep(_POLL_SECONDS)


def _taken(clients: Clients, stack_name: str) -> _Names:
    vanishing: list[str] = []
    retained: list[str] = []
    pages = clients.secretsmanager.get_paginator("list_secrets").paginate(
        IncludePlannedDeletion=True, Filters=[{"Key": "name", "Values": [f"{stack_name}/"]}]
    )
    for secret in (each for page in pages for each in page["SecretList"]):
        name = secret["Name"]
        # The business's secrets are not of the stack: they outlive it, and the next one finds them.
        if not name.startswith((f"{stack_name}/channels/", f"{stack_name}/conversation-key")):
            continue
        (vanishing if secret.get("DeletedDate") else retained).append(f"the secret {name}")
    group = f"{stack_name}-waits"
    for each in clients.scheduler.list_schedule_groups(NamePrefix=group)["ScheduleGroups"]:
        if each["Name"] == group:
            (vanishing if each["State"] == "DELETING" else retained).append(f"the schedule group {group}")
    return _Names(vanishing, retained)
