"""`chatflow login`, `logout`, `whoami`."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Annotated, Any

import typer

from chatflow_cli.auth.cognito import Challenge, ChallengeRejected, Tokens, UserPool
from chatflow_cli.auth.deployments import Deployment, aws_deployment, local_deployment
from chatflow_cli.auth.profiles import Profile
from chatflow_cli.command import CommandContext, command
from chatflow_cli.errors import CommandError, NotAllowed
from chatflow_cli.formatting import format_list
from chatflow_cli.prompts import prompt

_CHALLENGE_ATTEMPTS = 3


def add_to(app: typer.Typer) -> None:
    """Register the commands at the top level, without a group."""
    command(app, "login")(login)
    command(app, "logout")(logout)
    command(app, "whoami")(whoami)


def login(
    context: CommandContext,
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
    if url:
        deployment, password = aws_deployment(url, client, region, cognito_url), ""
    else:
        deployment, user, password = local_deployment(user)
    profile = _log_in(deployment, user, password)
    context.profiles.save(context.profile, profile)
    shown = {"profile": context.profile, "user": profile.user, "url": profile.url}
    context.output.result(shown, lambda _: context.output.print(f"Logged in to {profile.url} as {profile.user}."))


def logout(context: CommandContext) -> None:
    """Forget the login on this machine, and end it in the user pool."""
    profile = context.profiles.load(context.profile)
    if profile:
        with suppress(CommandError):  # an unreachable user pool must not keep the login on this machine
            UserPool(profile.cognito_url, profile.client).revoke(profile.refresh_token)
        context.profiles.delete(context.profile)
    message = "Logged out." if profile else "You were not logged in."
    result = {"profile": context.profile, "was_logged_in": bool(profile)}
    context.output.result(result, lambda _: context.output.print(message))


def whoami(context: CommandContext) -> None:
    """Who you are to the API, and what you may do."""
    me = {**context.api.get("/me"), "profile": context.profile, "url": context.api.url}

    def view(me: dict[str, Any]) -> None:
        fields = {"name": me.get("name"), "roles": format_list(me.get("roles") or ["none"])}
        context.output.fields({**fields, "profile": me["profile"], "url": me["url"]})

    context.output.result(me, view)


def _log_in(deployment: Deployment, user: str, password: str) -> Profile:
    """Sign in to the user pool; asks for a missing name or password. Raises NotAllowed when the pool refuses."""
    user = user or prompt("Name")
    pool = UserPool(deployment.cognito_url, deployment.client)
    outcome = pool.log_in(user, password or prompt("Password", hidden=True))
    while isinstance(outcome, Challenge):
        outcome = _answer_challenge(pool, outcome)
    return Profile(
        url=deployment.url,
        cognito_url=deployment.cognito_url,
        client=deployment.client,
        user=user,
        access_token=outcome.access_token,
        refresh_token=outcome.refresh_token,
        expires_at=outcome.expires_at,
    )


def _answer_challenge(pool: UserPool, challenge: Challenge) -> Tokens | Challenge:
    """A person at a terminal has several attempts, a script one."""
    attempts = _CHALLENGE_ATTEMPTS if sys.stdin.isatty() else 1
    while True:
        attempts -= 1
        try:
            return pool.respond(challenge, **_ask_for_response(challenge))
        except ChallengeRejected as rejection:
            if not attempts:
                raise NotAllowed("You are not logged in.", rejection.detail) from None
            sys.stderr.write(f"{rejection.detail}\n")


def _ask_for_response(challenge: Challenge) -> dict[str, str]:
    if challenge.name == "NEW_PASSWORD_REQUIRED":
        return {"NEW_PASSWORD": _ask_for_new_password()}
    if challenge.name == "SOFTWARE_TOKEN_MFA":
        return {"SOFTWARE_TOKEN_MFA_CODE": prompt("Code of your authenticator")}
    raise NotAllowed(
        "You are not logged in.",
        f"The user pool asks for {challenge.name}, which this command cannot answer.",
        "Log in without it, or have an admin change how you log in.",
    )


def _ask_for_new_password() -> str:
    """On a terminal, which does not show what is typed, it is asked for twice."""
    while True:
        first = prompt("The first login needs a password of your own. New password", hidden=True)
        if not sys.stdin.isatty() or prompt("Once more", hidden=True) == first:
            return first
        sys.stderr.write("These were two different ones.\n")
