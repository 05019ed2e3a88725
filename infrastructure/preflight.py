"""Checks the account before `cdk deploy`: `python -m infrastructure.preflight -c stage=prod`.

Takes the arguments of the CDK's command line, and prints the context options to add to them. What a person must know
goes to standard error. Exits with 1, and with every reason, when the deploy must not begin. The checks are those of
`chatflow doctor`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import explain
from chatflow_cli.doctor.before_deploy import BeforeDeploy
from chatflow_cli.doctor.finding import Finding, Verdict
from chatflow_cli.doctor.leftovers import ACTIONS as NAMES_ACTIONS
from chatflow_cli.doctor.leftovers import wait_for_names
from chatflow_cli.doctor.machine import Machine
from chatflow_cli.doctor.options import DeployOptions, read_options
from chatflow_cli.doctor.quotas import CONCURRENCY
from chatflow_cli.doctor.refusal import Refusal


def main(
    arguments: Sequence[str],
    *,
    open_account: Callable[[str | None, str | None], Account] = Account.of_shell,
    machine: Machine | None = None,
) -> int:
    given, _ = _parser().parse_known_args(arguments)
    try:
        options = read_options(given.context)
        checks = BeforeDeploy(options, lambda: open_account(given.profile, given.region), machine or Machine())
        refused = _tell_findings(checks, asked=options.concurrency is not None)
        if refused:
            noun = "reason" if refused == 1 else "reasons"
            _tell(f"The deploy was not begun, for the {noun} above. Nothing was changed.")
            return 1
        _wait(checks, options)
    except Refusal as refusal:
        _tell(f"{refusal.text}\n  {refusal.mend}\nNothing was changed.")
        return 1
    if options.concurrency is None:
        print("-c", f"concurrency={checks.concurrency}")
    return 0


def _tell_findings(checks: BeforeDeploy, *, asked: bool) -> int:
    """Tell what is not ok or not known, and a concurrency that was chosen. Returns how many forbid the deploy."""
    refused = 0
    for finding in checks.findings():
        refused += finding.verdict is Verdict.NOT_OK
        if finding.verdict is not Verdict.OK or (finding.check == CONCURRENCY and not asked):
            _tell(_line(finding))
    return refused


def _wait(checks: BeforeDeploy, options: DeployOptions) -> None:
    """Wait for names of an earlier stack, which AWS deletes in the background."""
    from botocore.exceptions import BotoCoreError, ClientError

    if checks.account is None or checks.stack is None or checks.stack.is_deployed:
        return
    try:
        wait_for_names(checks.account, options.stack_name, _tell)
    except (BotoCoreError, ClientError) as error:
        why = explain(error, " and ".join(NAMES_ACTIONS))
        _tell(f"Names of an earlier stack are not checked: {why.text}")


def _line(finding: Finding) -> str:
    mend = f"\n  {finding.mend}" if finding.mend else ""
    return f"{finding.check}, {finding.verdict}: {finding.text}{mend}"


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="preflight", allow_abbrev=False)
    parser.add_argument("-c", "--context", action="append", default=[])
    parser.add_argument("--profile")
    parser.add_argument("--region")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
