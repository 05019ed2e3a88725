"""Every command of `chatflow`, in the order in which one meets them."""

from __future__ import annotations

from typing import Annotated

import typer

from chatflow_cli.commands import (
    access,
    assets,
    audit,
    contacts,
    dead_letters,
    flow_documents,
    flows,
    integrations,
    media,
    routes,
    secrets,
    session_changes,
    sessions,
)
from chatflow_cli.exits import MEANINGS

_EXIT_CODES = "Exit codes: " + "; ".join(f"{code.value} {words}" for code, words in MEANINGS.items()) + "."

app = typer.Typer(
    name="chatflow",
    help="Write, publish and look after conversations that move files.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"chatflow {version('chatflow')}")
        raise typer.Exit


@app.callback()
def _start(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Which release this is.")
    ] = False,
) -> None:
    pass


access.add_to(app)
for group in (
    flows.app,
    routes.app,
    integrations.app,
    secrets.app,
    assets.app,
    sessions.app,
    contacts.app,
    dead_letters.app,
):
    app.add_typer(group)
audit.add_to(app)
app.add_typer(media.app)
# These add commands to the groups above.
_ = (flow_documents, session_changes)
