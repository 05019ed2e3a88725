"""`chatflow assets upload|replace|list|show|rename|rm`: the library of files that flows send."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chatflow_cli.api import path
from chatflow_cli.command import command, group
from chatflow_cli.desk import Desk
from chatflow_cli.exits import ExitCode
from chatflow_cli.options import Force, Limit, Sure
from chatflow_cli.wording import listing, plural, size, users, when

app = group("assets", "Assets: the files that your flows send.")
Asset = Annotated[str, typer.Argument(help="The asset's name, as flows write it.")]
Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait until a file is checked; 0 to not wait.")]


@command(app, "list")
def list_assets(
    desk: Desk,
    search: Annotated[str, typer.Option("--search", "-s", help="Part of a name.")] = "",
    kind: Annotated[str, typer.Option(help="image, document, audio or video.")] = "",
    state: Annotated[str, typer.Option(help="uploading, ready or rejected.")] = "",
    limit: Limit = 100,
) -> None:
    """The library."""
    items = desk.api.items("/assets", limit=limit, search=search, kind=kind, state=state)
    columns = {
        "Asset": lambda asset: asset["name"],
        "Filename": lambda asset: asset.get("filename") if asset.get("filename") != asset["name"] else "",
        "Kind": lambda asset: asset.get("kind"),
        ">Size": lambda asset: size(asset.get("size")),
        "State": lambda asset: asset.get("state"),
        ">Version": lambda asset: asset.get("version"),
        "=Changed": lambda asset: when(asset.get("updated_at")),
        "Reason": lambda asset: asset.get("reason"),
    }
    desk.screen.result(
        {"items": items}, lambda _: desk.screen.table(items, columns, "Nothing here: chatflow assets upload FILE")
    )


@command(app, "show")
def show(desk: Desk, asset: Asset) -> None:
    """One asset: what it is, its versions, where it is used. With --json: links to its thumbnail and its bytes, too."""
    found = desk.api.get(path("assets", asset))
    found["used_by"] = desk.api.get(path("assets", asset, "usage"))["used_by"]
    found["versions"] = desk.api.items(path("assets", asset, "versions"), limit=1000)
    desk.screen.result(found, lambda found: desk.screen.facts(_facts(found)))


def _facts(asset: dict[str, Any]) -> dict[str, Any]:
    upload = asset.get("upload")
    return {
        "asset": asset.get("name"),
        "filename": asset.get("filename"),
        "state": asset.get("state"),
        "reason": asset.get("reason"),
        "kind": f"{asset.get('kind') or ''}  {asset.get('mime') or ''}".strip(),
        "size": size(asset.get("size")),
        "SHA-256": asset.get("sha256"),
        "version": asset.get("version"),
        "changed": when(asset.get("updated_at")),
        "by": asset.get("by"),
        "on its way": f"{upload['filename']}: {upload['state']} {upload['reason']}".strip() if upload else "",
        "used by": users(asset["used_by"]),
    }


@command(app, "upload")
def upload(
    desk: Desk,
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, metavar="FILE...")],
    name: Annotated[str, typer.Option(help="What flows call it, of one FILE; left out, made from the filename.")] = "",
    wait: Wait = 120.0,
) -> None:
    """Put files into the library, and wait until each is checked. Exit code 1 when one was rejected."""
    from chatflow_cli.exits import Usage
    from chatflow_cli.uploads import uploaded

    if name and len(files) > 1:
        raise Usage("--name is for one file.")
    done = [uploaded(desk, "/assets", file, {"filename": file.name, "name": name}, wait) for file in files]
    _conclude(desk, done)


@command(app, "replace")
def replace(
    desk: Desk,
    asset: Asset,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    filename: Annotated[str, typer.Option(help="What customers see from then on; left out, what they see now.")] = "",
    wait: Wait = 120.0,
) -> None:
    """Give an asset new content, as a new version; flows that use it send that from then on."""
    from chatflow_cli.uploads import uploaded

    _conclude(desk, [uploaded(desk, path("assets", asset, "uploads"), file, {"filename": filename}, wait)])


def _conclude(desk: Desk, done: list[dict[str, Any]]) -> None:
    rejected = [each for each in done if each.get("state") == "rejected"]

    def view(_: Any) -> None:
        for asset in done:
            state = asset.get("state", "")
            about = listing([each for each in (asset.get("kind"), size(asset.get("size"))) if each])
            if state == "rejected":
                about = asset.get("reason") or ""
            style = {"rejected": "red", "ready": "green"}.get(state, "yellow")
            desk.screen.say(f"{state:<9} {asset['name']}  {about}".rstrip(), style=style)
        if rejected:
            desk.screen.note(f"{plural(len(rejected), 'file')} rejected.", style="red")

    desk.screen.result({"items": done}, view)
    if rejected:
        raise typer.Exit(ExitCode.WRONG)


@command(app, "rename")
def rename(desk: Desk, asset: Asset, filename: Annotated[str, typer.Argument(help="What customers see.")]) -> None:
    """Change the filename that customers see. The asset's name in flows stays."""
    where = path("assets", asset)
    etag = desk.api.ask("GET", where).etag
    made = desk.api.ask("PATCH", where, json={"filename": filename}, if_match=etag).data
    desk.screen.result(made, lambda _: desk.screen.say(f"Customers see {asset} as {made.get('filename')}."))


@command(app, "rm")
def remove(desk: Desk, asset: Asset, force: Force = False, yes: Sure = False) -> None:
    """Delete an asset; refused while a flow uses it."""
    desk.confirm(f"Delete {asset}?", sure=yes)
    where = path("assets", asset)
    etag = desk.api.ask("GET", where).etag
    answer = desk.api.ask("DELETE", where, params={"force": "true"} if force else {}, if_match=etag)
    desk.screen.result(answer.data or {}, lambda _: desk.screen.say(f"{asset} is deleted."))
