"""`chatflow media inspect`: what Chatflow makes of a file. Asks nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chatflow_cli.command import command, group
from chatflow_cli.desk import Desk
from chatflow_cli.exits import ExitCode, Usage

app = group("media", "Media: what Chatflow makes of a file.")


@command(app, "inspect")
def inspect(
    desk: Desk, files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, metavar="FILE...")]
) -> None:
    """The kind of each file, by its content, and whether it is taken. Exit code 1 when one is not."""
    from chatflow.media.identification import inspect_file

    try:
        found = [inspect_file(file) for file in files]
    except OSError as fault:
        raise Usage(f"{fault.filename} cannot be read.", fault.strerror or "") from None
    columns = {
        "File": lambda each: each["file"],
        "Kind": lambda each: each["kind"],
        "MIME type": lambda each: each["mime"],
        "Taken": lambda each: "yes" if each["accepted"] else "no",
        "Reason": lambda each: each["reason"],
    }

    def view(_: Any) -> None:
        desk.screen.table(found, columns)

    desk.screen.result(found, view)
    if not all(each["accepted"] for each in found):
        raise typer.Exit(ExitCode.WRONG)
