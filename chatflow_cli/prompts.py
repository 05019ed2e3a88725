"""Questions to the person at the terminal."""

from __future__ import annotations

import sys

from chatflow_cli.errors import UsageError


def prompt(question: str, *, hidden: bool = False, optional: bool = False) -> str:
    """Read an answer from the terminal, or the next line of stdin if it is not one. Raises UsageError at its end.

    On a terminal, an empty line is an answer only if it is `optional`.
    """
    if sys.stdin.isatty():
        import typer

        default = "" if optional else None
        return str(typer.prompt(question, default, hide_input=hidden, show_default=False, err=True))
    line = sys.stdin.readline()
    if not line:
        raise UsageError(f"{question}: nothing was said.", "It is asked on a terminal, or read from stdin.")
    return line.rstrip("\r\n")


def confirm(question: str, *, yes: bool) -> None:
    """Ask for a confirmation unless `yes` (the option `--yes`) gives it.

    Raises UsageError if the answer is no, or if there is no terminal to ask on.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(question, "Nobody is there to be asked.", "Say --yes when you are sure.")
    import typer

    if not typer.confirm(question, err=True):
        raise UsageError("Nothing was done.")
