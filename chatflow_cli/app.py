"""The program `chatflow`: all its commands, in the order of the help page."""

from __future__ import annotations

from typing import Annotated

import typer

from chatflow_cli.commands import (
    assets,
    audit,
    channels,
    contacts,
    dead_letters,
    doctor,
    flows,
    held,
    integrations,
    login,
    media,
    node_types,
    routes,
    secrets,
    sessions,
)
from chatflow_cli.errors import EXIT_CODE_MEANINGS

_EXIT_CODES = "; ".join(f"{code.value} {meaning}" for code, meaning in EXIT_CODE_MEANINGS.items())

app = typer.Typer(
    name="chatflow",
    help="Write, publish and look after conversations that move files.",
    epilog=f"Exit codes: {_EXIT_CODES}.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version

        typer.echo(f"chatflow {version('chatflow')}")
        raise typer.Exit


@app.callback()
def _main(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Which release this is.")
    ] = False,
) -> None:
    pass


login.add_to(app)
for group in (
    flows.app,
    routes.app,
    integrations.app,
    secrets.app,
    channels.app,
    assets.app,
    sessions.app,
    contacts.app,
    held.app,
    dead_letters.app,
):
    app.add_typer(group)
node_types.add_to(app)
audit.add_to(app)
app.add_typer(media.app)
doctor.add_to(app)
