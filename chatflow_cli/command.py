"""How a function becomes a command: `--json` and `--profile` everywhere, and failures that end in their exit code."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from chatflow_cli.desk import Desk
from chatflow_cli.exits import Broken, ExitCode, Failure

Does = TypeVar("Does", bound=Callable[..., None])

_AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for scripts.")]
_Profile = Annotated[
    str, typer.Option(envvar="CHATFLOW_PROFILE", metavar="NAME", help="Which deployment, when you use several.")
]


def group(name: str, about: str) -> typer.Typer:
    """A group of commands about one thing."""
    return typer.Typer(name=name, help=about, no_args_is_help=True, add_completion=False)


def command(app: typer.Typer, name: str) -> Callable[[Does], Does]:
    """Add the function to `app`. Its first parameter is the desk; the others are what a person writes."""

    def register(function: Does) -> Does:
        @functools.wraps(function)
        def run(*, as_json: bool, profile: str, **given: Any) -> None:
            desk = Desk(profile, as_json=as_json)
            try:
                function(desk, **given)
            except Failure as failure:
                desk.screen.failed(failure)
                raise typer.Exit(failure.exit_code) from None
            except KeyboardInterrupt:
                desk.screen.note("\nInterrupted.")
                raise typer.Exit(ExitCode.INTERRUPTED) from None
            except (typer.Exit, typer.Abort):
                raise
            except BrokenPipeError:
                # Whoever read our output has had enough. Nothing may be flushed into the closed pipe at the end.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(ExitCode.OK) from None
            except Exception as fault:
                if os.environ.get("CHATFLOW_DEBUG"):
                    raise
                desk.screen.failed(Broken.by(fault))
                raise typer.Exit(ExitCode.BROKEN) from None
            finally:
                desk.close()

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        parameters = [
            *(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own),
            inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_AsJson),
            inspect.Parameter("profile", inspect.Parameter.KEYWORD_ONLY, default="default", annotation=_Profile),
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        app.command(name)(run)
        return function

    return register
