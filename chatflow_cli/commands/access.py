"""`chatflow login`, `logout`, `whoami`."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import typer

from chatflow_cli.command import command
from chatflow_cli.desk import Desk
from chatflow_cli.exits import Failure
from chatflow_cli.wording import listing


def add_to(app: typer.Typer) -> None:
    """These stand at the top, not in a group."""
    command(app, "login")(login)
    command(app, "logout")(logout)
    command(app, "whoami")(whoami)


def login(
    desk: Desk,
    *,
    url: Annotated[str, typer.Argument(help="The stack's output ManagementUrl; left out, the local stack.")] = "",
    client: Annotated[str, typer.Option(help="The stack's output UserPoolClientId.")] = "",
    region: Annotated[str, typer.Option(help="Left out, the one in URL.")] = "",
    user: Annotated[str, typer.Option("--user", "-u", help="Left out, you are asked.")] = "",
    cognito_url: Annotated[str, typer.Option(help="Another address of the user pool than AWS's.")] = "",
) -> None:
    """Log in to a deployment. Without URL: to the local stack that is up, as its admin.

    The password is asked for, or read from stdin.
    """
    from chatflow_cli.deployments import deployment, local_deployment
    from chatflow_cli.signing_in import logged_in

    if url:
        there, password = deployment(url, client, region, cognito_url), ""
    else:
        there, user, password = local_deployment(user)
    profile = logged_in(there, user, password)
    desk.profiles.save(desk.profile, profile)
    shown = {"profile": desk.profile, "user": profile.user, "url": profile.url}
    desk.screen.result(shown, lambda _: desk.screen.say(f"Logged in to {profile.url} as {profile.user}."))


def logout(desk: Desk) -> None:
    """Forget the login on this machine, and end it in the user pool."""
    from chatflow_cli.cognito import UserPool

    profile = desk.profiles.load(desk.profile)
    if profile:
        with suppress(Failure):  # out of reach is no reason to stay logged in here
            UserPool(profile.cognito_url, profile.client).revoke(profile.refresh_token)
        desk.profiles.forget(desk.profile)
    words = "Logged out." if profile else "You were not logged in."
    desk.screen.result({"profile": desk.profile, "was_logged_in": bool(profile)}, lambda _: desk.screen.say(words))


def whoami(desk: Desk) -> None:
    """Who you are to the API, and what you may do."""
    me = {**desk.api.get("/me"), "profile": desk.profile, "url": desk.api.url}

    def view(me: dict[str, Any]) -> None:
        facts = {"name": me.get("name"), "roles": listing(me.get("roles") or ["none"])}
        desk.screen.facts({**facts, "profile": me["profile"], "url": me["url"]})

    desk.screen.result(me, view)
