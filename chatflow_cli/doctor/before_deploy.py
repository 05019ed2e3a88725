"""The checks before a deploy: one list for `chatflow doctor` and for `make deploy`. They read, and change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chatflow_cli.doctor import bootstrap, leftovers
from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import explain
from chatflow_cli.doctor.credentials import check_identity, credentials_problem
from chatflow_cli.doctor.finding import Finding, cannot_tell
from chatflow_cli.doctor.machine import Machine
from chatflow_cli.doctor.options import DeployOptions
from chatflow_cli.doctor.quotas import LambdaLimits, quota_checks
from chatflow_cli.doctor.stack import ACTION as STACK_ACTION
from chatflow_cli.doctor.stack import CHECK as STACK_CHECK
from chatflow_cli.doctor.stack import Stack, read_stack, stack_finding

_UNREAD = "Account"


class BeforeDeploy:
    """Iterate over `findings()` once. Then `account`, `stack` and `concurrency` are set as far as they are known."""

    def __init__(self, options: DeployOptions, open_account: Callable[[], Account], machine: Machine) -> None:
        self.account: Account | None = None
        self.stack: Stack | None = None
        self.concurrency = options.concurrency
        self._options = options
        self._open_account = open_account
        self._machine = machine

    def findings(self) -> Iterator[Finding]:
        from botocore.exceptions import BotoCoreError

        yield from self._machine.findings()
        try:
            account = self._open_account()
            identity = check_identity(account)
        except BotoCoreError as error:  # a profile that is not configured
            yield credentials_problem(error)
            yield _unread()
            return
        yield from identity.findings
        if not identity.account:
            yield _unread()
            return
        self.account = account
        yield bootstrap.check_bootstrap(account, identity.account, self._options.qualifier)
        limits = LambdaLimits(account, self._options)
        yield from limits.findings()
        self.concurrency = limits.concurrency
        yield from self._stack(account)

    def _stack(self, account: Account) -> Iterator[Finding]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.stack = read_stack(account, self._options.stack_name)
        except (BotoCoreError, ClientError) as error:
            why = explain(error, STACK_ACTION)
            yield cannot_tell(STACK_CHECK, why.text, why.mend)
        creates = self.stack is not None and not self.stack.is_deployed
        for check in quota_checks(account, self._options, creates=creates):
            yield check()
        if self.stack is None:
            return
        yield stack_finding(self.stack)
        if creates:
            yield leftovers.check_names(account, self._options.stack_name)


def _unread() -> Finding:
    return cannot_tell(
        _UNREAD, "Its bootstrap, limits, names and stack were not read.", "Mend what stands above first."
    )
