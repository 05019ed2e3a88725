"""`chatflow flows list|show|versions|rollback|unpublish|delete`: what is published."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chatflow_cli.api import path
from chatflow_cli.command import command, group
from chatflow_cli.desk import Desk
from chatflow_cli.options import Force, Limit, Note, Sure
from chatflow_cli.wording import listing, when

app = group("flows", "Flows: check, publish, go back.")
Flow = Annotated[str, typer.Argument(help="The flow's name, as `flow:` says in its file.")]


@command(app, "list")
def list_flows(desk: Desk, limit: Limit = 100) -> None:
    """Every flow, with its live version and its draft."""
    items = desk.api.items("/flows", limit=limit)
    columns = {
        "Flow": lambda flow: flow["name"],
        "Title": lambda flow: flow.get("title"),
        ">Live": lambda flow: flow.get("version") or "-",
        "=Published": lambda flow: when(flow.get("published_at")),
        "By": lambda flow: flow.get("by"),
        "Note": lambda flow: flow.get("note"),
        "=Draft": lambda flow: when((flow.get("draft") or {}).get("updated_at")),
    }
    desk.screen.result(
        {"items": items}, lambda _: desk.screen.table(items, columns, "No flow yet: chatflow flows publish FILE")
    )


@command(app, "show")
def show(desk: Desk, flow: Flow) -> None:
    """One flow: what is live, who published it, what it uses."""
    found = desk.api.get(path("flows", flow))
    desk.screen.result(found, lambda found: desk.screen.facts(_facts(found)))


def _facts(flow: dict[str, Any]) -> dict[str, Any]:
    draft = flow.get("draft") or {}
    uses = flow.get("uses") or {}
    return {
        "flow": flow.get("name"),
        "title": flow.get("title"),
        "live version": flow.get("version") or "none",
        "published": when(flow.get("published_at")),
        "by": flow.get("by"),
        "note": flow.get("note"),
        "master": flow.get("master"),
        **{f"uses {kind}": listing(names) for kind, names in uses.items()},
        "sessions on it": flow.get("running") or "",
        "draft": f"{when(draft.get('updated_at'))} by {draft.get('by', '')}" if draft else "",
    }


@command(app, "versions")
def versions(desk: Desk, flow: Flow, limit: Limit = 25) -> None:
    """The versions of a flow, the newest first."""
    items = desk.api.items(path("flows", flow, "versions"), limit=limit)
    desk.screen.result({"items": items}, lambda _: show_versions(desk, items))


def show_versions(desk: Desk, items: list[dict[str, Any]]) -> None:
    """Versions of whatever has versions."""
    columns = {
        ">Version": lambda version: version.get("version"),
        "": lambda version: "live" if version.get("live") else "",
        "=Published": lambda version: when(version.get("published_at")),
        "By": lambda version: version.get("by"),
        "Note": lambda version: version.get("note"),
    }
    desk.screen.table(items, columns, "No version yet.")


@command(app, "rollback")
def rollback(desk: Desk, flow: Flow, version: Annotated[int, typer.Argument(min=1)], note: Note = "") -> None:
    """Publish an old version again, as a new one. Running sessions stay on theirs."""
    body = {"version": version, "note": note or f"Back to version {version}"}
    made = desk.api.post(path("flows", flow, "rollback"), body)
    words = f"{flow} is live as version {made.get('version')}, which is {version} again."
    desk.screen.result(made, lambda _: desk.screen.say(words, style="green"))


@command(app, "unpublish")
def unpublish(desk: Desk, flow: Flow, note: Note = "", force: Force = False, yes: Sure = False) -> None:
    """Let nobody start it any more. Versions and draft stay."""
    desk.confirm(f"Unpublish {flow}?", sure=yes)
    answer = desk.api.ask("POST", path("flows", flow, "unpublish"), params=_forced(force), json={"note": note}).data
    desk.screen.result(answer or {}, lambda _: desk.screen.say(f"{flow} is not live any more."))


@command(app, "delete")
def delete(desk: Desk, flow: Flow, force: Force = False, yes: Sure = False) -> None:
    """Remove a flow and its draft. Its versions stay for 30 days, so that running sessions can end."""
    desk.confirm(f"Delete {flow}?", sure=yes)
    found = desk.api.ask("GET", path("flows", flow))
    answer = desk.api.ask("DELETE", path("flows", flow), params=_forced(force), if_match=found.etag)
    desk.screen.result(answer.data or {}, lambda _: desk.screen.say(f"{flow} is deleted."))


def _forced(force: bool) -> dict[str, str]:
    return {"force": "true"} if force else {}
