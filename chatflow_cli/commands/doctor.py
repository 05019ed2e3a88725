"""`chatflow doctor`: what a deploy needs, and whether what was deployed works."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any

import typer

from chatflow_cli.command import CommandContext, command
from chatflow_cli.doctor.finding import Finding, Verdict
from chatflow_cli.errors import ExitCode, UsageError
from chatflow_cli.formatting import one_line, plural, printable

_STYLES = {Verdict.OK: "green", Verdict.NOT_OK: "bold red", Verdict.CANNOT_TELL: "yellow"}
_INDENT = "  "
_VERDICT_WIDTH = len(_INDENT) + max(map(len, Verdict))
_CHECK_WIDTH = 14
_GAP = 2


def add_to(app: typer.Typer) -> None:
    """Register the command at the top level, without a group."""
    command(app, "doctor")(doctor)


def doctor(
    context: CommandContext,
    *,
    stage: Annotated[str, typer.Option(help="The stage, as `make deploy STAGE=` names it; left out, dev.")] = "",
    configuration: Annotated[
        list[str] | None, typer.Option("--context", "-c", metavar="KEY=VALUE", help="As for the deploy; repeat it.")
    ] = None,
) -> None:
    """Check what a deploy needs; and, of a deployed stack, whether it works.

    Needs AWS credentials, and for a deployed stack a login (`chatflow login`).

    Of a deployed stack, it uploads an asset and publishes a flow, then deletes both.

    Exit code 1 when a check is not ok; one that cannot tell is no failure.
    """
    from chatflow_cli.channels.checking import channel_findings
    from chatflow_cli.doctor.account import Account
    from chatflow_cli.doctor.after_deploy import after_deploy
    from chatflow_cli.doctor.before_deploy import BeforeDeploy
    from chatflow_cli.doctor.machine import Machine
    from chatflow_cli.doctor.options import read_options
    from chatflow_cli.doctor.refusal import Refusal

    try:
        options = read_options([*(configuration or []), *([f"stage={stage}"] if stage else [])])
    except Refusal as refusal:
        raise UsageError(refusal.text, advice=refusal.mend) from None
    before = BeforeDeploy(options, Account.of_shell, Machine())
    result: dict[str, Any] = {"stack": options.stack_name, "before": [], "after": []}
    findings = _report(context, f"What a deploy of {options.stack_name} needs", before.findings())
    result["before"] = [finding.to_json() for finding in findings]
    if before.account and before.stack and before.stack.is_complete:
        quiet = CommandContext(context.profile, as_json=True)  # shows no progress of an upload between the lines
        try:
            smoke = chain(
                after_deploy(before.account, before.stack, quiet), channel_findings(before.account, options.stage)
            )
            after = _report(context, f"\nWhether {options.stack_name} works", smoke)
        finally:
            quiet.close()
        result["after"] = [finding.to_json() for finding in after]
        findings += after
    elif before.stack and not before.stack.is_deployed:
        context.output.note(
            f"\n{options.stack_name} is not deployed yet. After the deploy, run this again.", style="dim"
        )
    context.output.result(result, lambda _: _summary(context, findings))
    if any(finding.verdict is Verdict.NOT_OK for finding in findings):
        raise typer.Exit(ExitCode.FAILED)


def _report(context: CommandContext, title: str, findings: Iterator[Finding]) -> list[Finding]:
    """Show each finding as soon as it is made; with --json, only collect them."""
    if not context.output.as_json:
        context.output.print(title, style="bold")
    found: list[Finding] = []
    while True:
        with context.output.spinner("Checking"):
            finding = next(findings, None)
        if finding is None:
            return found
        found.append(finding)
        if not context.output.as_json:
            _show(context, finding)


def _show(context: CommandContext, finding: Finding) -> None:
    """The text wraps in its own column. The mend does not: a command in it is copied in one piece."""
    from rich.table import Table
    from rich.text import Text

    row = Table.grid(padding=(0, _GAP, 0, 0))
    row.add_column(width=_VERDICT_WIDTH)
    row.add_column(width=_CHECK_WIDTH)
    row.add_column(overflow="fold")
    verdict = Text(f"{_INDENT}{finding.verdict}", style=_STYLES[finding.verdict])
    row.add_row(verdict, Text(finding.check), Text(one_line(finding.text)))
    context.output.out.print(row)
    if finding.mend:
        context.output.print(f"{' ' * (_VERDICT_WIDTH + _GAP)}→ {printable(finding.mend)}", style="cyan")


def _summary(context: CommandContext, findings: list[Finding]) -> None:
    wrong, open_ = (
        sum(finding.verdict is verdict for finding in findings) for verdict in (Verdict.NOT_OK, Verdict.CANNOT_TELL)
    )
    parts = [f"{plural(wrong, 'check')} not ok"] if wrong else []
    parts += [f"{plural(open_, 'check')} that cannot tell"] if open_ else []
    text = ", ".join(parts) if parts else "Everything is ok"
    context.output.print(f"\n{text}.", style="bold red" if wrong else "yellow" if open_ else "green")
