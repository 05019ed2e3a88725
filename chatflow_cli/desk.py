"""What a command works with: the screen, and the deployment that it talks to, opened when first needed."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING

from chatflow_cli.exits import Usage
from chatflow_cli.screen import Screen

if TYPE_CHECKING:
    from chatflow_cli.api import ManagementApi
    from chatflow_cli.profiles import Profiles


class Desk:
    """One command's surroundings."""

    def __init__(self, profile: str, *, as_json: bool) -> None:
        self.profile = profile
        self.screen = Screen(as_json=as_json)

    @cached_property
    def profiles(self) -> Profiles:
        from chatflow_cli.profiles import Profiles

        return Profiles()

    @cached_property
    def api(self) -> ManagementApi:
        """The management API of the profile; raises NotLoggedIn when nobody is logged in."""
        from chatflow_cli.api import ManagementApi
        from chatflow_cli.authorization import authorization

        url, authorized = authorization(self.profiles, self.profile)
        return ManagementApi(url, authorized)

    def close(self) -> None:
        if "api" in self.__dict__:
            self.api.close()

    def confirm(self, question: str, *, sure: bool) -> None:
        """Have a person say yes. Raises Usage when there is nobody to ask, and when the answer is no."""
        if sure:
            return
        if not sys.stdin.isatty():
            raise Usage(question, "Nobody is there to be asked.", "Say --yes when you are sure.")
        import typer

        if not typer.confirm(question, err=True):
            raise Usage("Nothing was done.")


def answer(question: str, *, hidden: bool = False) -> str:
    """What a person types, or the next line of stdin when it is no terminal. Raises Usage when nothing comes."""
    if sys.stdin.isatty():
        import typer

        return str(typer.prompt(question, hide_input=hidden, err=True))
    line = sys.stdin.readline()
    if not line:
        raise Usage(f"{question}: nothing was said.", "It is asked on a terminal, or read from stdin.")
    return line.rstrip("\r\n")
