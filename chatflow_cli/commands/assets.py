"""`chatflow assets upload|replace|list|show|rename|rm`: the library of files that flows send."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chatflow_cli.api import api_path
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.errors import ExitCode, UsageError
from chatflow_cli.formatting import format_list, format_size, format_time, format_usage, plural
from chatflow_cli.options import Force, Limit, Yes
from chatflow_cli.prompts import confirm

app = group("assets", "Assets: the files that your flows send.")
Asset = Annotated[str, typer.Argument(help="The asset's name, as flows write it.")]
Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait until a file is checked; 0 to not wait.")]


@command(app, "list")
def list_assets(
    context: CommandContext,
    search: Annotated[str, typer.Option("--search", "-s", help="Part of a name.")] = "",
    kind: Annotated[str, typer.Option(help="image, document, audio or video.")] = "",
    state: Annotated[str, typer.Option(help="uploading, ready or rejected.")] = "",
    limit: Limit = 100,
) -> None:
    """The library."""
    items = context.api.list_items("/assets", limit=limit, search=search, kind=kind, state=state)
    columns = {
        "Asset": lambda asset: asset["name"],
        "Filename": lambda asset: asset.get("filename") if asset.get("filename") != asset["name"] else "",
        "Kind": lambda asset: asset.get("kind"),
        ">Size": lambda asset: format_size(asset.get("size")),
        "State": lambda asset: asset.get("state"),
        ">Version": lambda asset: asset.get("version"),
        "=Changed": lambda asset: format_time(asset.get("updated_at")),
        "Reason": lambda asset: asset.get("reason"),
    }
    context.output.result(
        {"items": items}, lambda _: context.output.table(items, columns, "Nothing here: chatflow assets upload FILE")
    )


@command(app, "show")
def show(context: CommandContext, asset: Asset) -> None:
    """One asset: what it is, its versions, where it is used. With --json: links to its thumbnail and its bytes, too."""
    data = context.api.get(api_path("assets", asset))
    data["used_by"] = context.api.get(api_path("assets", asset, "usage"))["used_by"]
    data["versions"] = context.api.list_items(api_path("assets", asset, "versions"), limit=1000)
    context.output.result(data, lambda data: context.output.fields(_fields(data)))


def _fields(asset: dict[str, Any]) -> dict[str, Any]:
    upload = asset.get("upload")
    return {
        "asset": asset.get("name"),
        "filename": asset.get("filename"),
        "state": asset.get("state"),
        "reason": asset.get("reason"),
        "kind": f"{asset.get('kind') or ''}  {asset.get('mime') or ''}".strip(),
        "size": format_size(asset.get("size")),
        "SHA-256": asset.get("sha256"),
        "version": asset.get("version"),
        "changed": format_time(asset.get("updated_at")),
        "by": asset.get("by"),
        "on its way": f"{upload['filename']}: {upload['state']} {upload['reason']}".strip() if upload else "",
        "used by": format_usage(asset["used_by"]),
    }


@command(app, "upload")
def upload(
    context: CommandContext,
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, metavar="FILE...")],
    name: Annotated[str, typer.Option(help="What flows call it, of one FILE; left out, made from the filename.")] = "",
    wait: Wait = 120.0,
) -> None:
    """Put files into the library, and wait until each is checked. Exit code 1 when one was rejected."""
    from chatflow_cli.uploads import upload_asset

    if name and len(files) > 1:
        raise UsageError("--name is for one file.")
    uploaded = [upload_asset(context, "/assets", file, {"filename": file.name, "name": name}, wait) for file in files]
    _finish(context, uploaded)


@command(app, "replace")
def replace(
    context: CommandContext,
    asset: Asset,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    filename: Annotated[str, typer.Option(help="What customers see from then on; left out, what they see now.")] = "",
    wait: Wait = 120.0,
) -> None:
    """Give an asset new content, as a new version; flows that use it send that from then on."""
    from chatflow_cli.uploads import upload_asset

    _finish(context, [upload_asset(context, api_path("assets", asset, "uploads"), file, {"filename": filename}, wait)])


def _finish(context: CommandContext, uploaded: list[dict[str, Any]]) -> None:
    """Show the state of each uploaded asset; ends the command with exit code 1 when one was rejected."""
    rejected = [asset for asset in uploaded if asset.get("state") == "rejected"]

    def view(_: Any) -> None:
        for asset in uploaded:
            state = asset.get("state", "")
            details = format_list([part for part in (asset.get("kind"), format_size(asset.get("size"))) if part])
            if state == "rejected":
                details = asset.get("reason") or ""
            style = {"rejected": "red", "ready": "green"}.get(state, "yellow")
            context.output.print(f"{state:<9} {asset['name']}  {details}".rstrip(), style=style)
        if rejected:
            context.output.note(f"{plural(len(rejected), 'file')} rejected.", style="red")

    context.output.result({"items": uploaded}, view)
    if rejected:
        raise typer.Exit(ExitCode.FAILED)


@command(app, "rename")
def rename(
    context: CommandContext, asset: Asset, filename: Annotated[str, typer.Argument(help="What customers see.")]
) -> None:
    """Change the filename that customers see. The asset's name in flows stays."""
    path = api_path("assets", asset)
    etag = context.api.request("GET", path).etag
    data = context.api.request("PATCH", path, json={"filename": filename}, if_match=etag).data
    context.output.result(data, lambda data: context.output.print(f"Customers see {asset} as {data.get('filename')}."))


@command(app, "rm")
def remove(context: CommandContext, asset: Asset, force: Force = False, yes: Yes = False) -> None:
    """Delete an asset; refused while a flow uses it."""
    confirm(f"Delete {asset}?", yes=yes)
    path = api_path("assets", asset)
    etag = context.api.request("GET", path).etag
    data = context.api.request("DELETE", path, params={"force": "true"} if force else {}, if_match=etag).data
    context.output.result(data or {}, lambda _: context.output.print(f"{asset} is deleted."))
