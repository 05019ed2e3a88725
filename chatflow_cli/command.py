"""Turns a function into a command: `--json` and `--profile` on each, and errors that end with their exit code."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from chatflow_cli.errors import CommandError, ExitCode, InternalError
from chatflow_cli.output import Output

if TYPE_CHECKING:
    from chatflow_cli.api import ManagementApi
    from chatflow_cli.auth.profiles import Profiles

CommandFunction = TypeVar("CommandFunction", bound=Callable[..., None])

_AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for scripts.")]
_Profile = Annotated[
    str, typer.Option(envvar="CHATFLOW_PROFILE", metavar="NAME", help="Which deployment, when you use several.")
]


class CommandContext:
    """What a command works with: its output, the profiles, and the management API, opened on first use."""

    def __init__(self, profile: str, *, as_json: bool) -> None:
        self.profile = profile
        self.output = Output(as_json=as_json)

    @cached_property
    def profiles(self) -> Profiles:
        from chatflow_cli.auth.profiles import Profiles

        return Profiles()

    @cached_property
    def api(self) -> ManagementApi:
        """The management API of the profile's deployment. Raises NotAllowed without a login."""
        from chatflow_cli.api import ManagementApi
        from chatflow_cli.auth.tokens import api_access

        url, tokens = api_access(self.profiles, self.profile)
        return ManagementApi(url, tokens)

    def close(self) -> None:
        if "api" in self.__dict__:
            self.api.close()


def group(name: str, about: str) -> typer.Typer:
    """Create a group of commands that share their first word."""
    return typer.Typer(name=name, help=about, no_args_is_help=True, add_completion=False)


def command(app: typer.Typer, name: str) -> Callable[[CommandFunction], CommandFunction]:
    """Add the function to `app`. Its first parameter is the CommandContext; the others are arguments and options."""

    def register(function: CommandFunction) -> CommandFunction:
        @functools.wraps(function)
        def run(*, as_json: bool, profile: str, **arguments: Any) -> None:
            context = CommandContext(profile, as_json=as_json)
            try:
                function(context, **arguments)
            except CommandError as error:
                context.output.error(error)
                raise typer.Exit(error.exit_code) from None
            except KeyboardInterrupt:
                context.output.note("\nInterrupted.")
                raise typer.Exit(ExitCode.INTERRUPTED) from None
            except (typer.Exit, typer.Abort):
                raise
            except BrokenPipeError:
                # The reader of our output (such as `head`) has closed the pipe. Nothing may be flushed into it at exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(ExitCode.OK) from None
            except Exception as error:
                if os.environ.get("CHATFLOW_DEBUG"):
                    raise
                context.output.error(InternalError.from_exception(error))
                raise typer.Exit(ExitCode.INTERNAL_ERROR) from None
            finally:
                context.close()

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        parameters = [
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_AsJson),
            inspect.Parameter("profile", inspect.Parameter.KEYWORD_ONLY, default="default", annotation=_Profile),
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        app.command(name)(run)
        return function

    return register
