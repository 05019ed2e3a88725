"""`chatflow media inspect`: determines the kind of a file on this machine, without a deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.errors import ExitCode, UsageError

app = group("media", "Media: what Chatflow makes of a file.")


@command(app, "inspect")
def inspect(
    context: CommandContext,
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, metavar="FILE...")],
) -> None:
    """The kind of each file, by its content, and whether it is taken. Exit code 1 when one is not."""
    from chatflow.media.identification import inspect_file

    try:
        reports = [inspect_file(file) for file in files]
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read.", error.strerror or "") from None
    columns = {
        "File": lambda report: report["file"],
        "Kind": lambda report: report["kind"],
        "MIME type": lambda report: report["mime"],
        "Taken": lambda report: "yes" if report["accepted"] else "no",
        "Reason": lambda report: report["reason"],
    }
    context.output.result(reports, lambda _: context.output.table(reports, columns))
    if not all(report["accepted"] for report in reports):
        raise typer.Exit(ExitCode.FAILED)
