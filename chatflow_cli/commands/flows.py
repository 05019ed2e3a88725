"""`chatflow flows`: validate, import, publish and export documents; list, show, roll back and remove flows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from chatflow_cli.api import YAML, ApiResponse, ManagementApi, api_path
from chatflow_cli.api_errors import ValidationFailed
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.documents import (
    FlowDocument,
    OutputFile,
    Problem,
    check_file,
    check_folder,
    export_document,
    folder_warnings,
    list_versions,
    read_flow,
    show_problems,
)
from chatflow_cli.errors import Conflict, ExitCode, NotFound, UsageError
from chatflow_cli.formatting import format_list, format_time
from chatflow_cli.options import Force, Limit, Note, Yes
from chatflow_cli.prompts import confirm

app = group("flows", "Flows: check, publish, go back.")
Flow = Annotated[str, typer.Argument(help="The flow's name, as `flow:` says in its file.")]
FlowFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The flow's YAML file.")]
AllowEmpty = Annotated[bool, typer.Option("--allow-empty", help="Let a flow without nodes replace one with nodes.")]
OverDraft = Annotated[bool, typer.Option("--over-draft", help="Replace the unpublished draft of someone else.")]


@command(app, "list")
def list_flows(context: CommandContext, limit: Limit = 100) -> None:
    """Every flow, with its live version and its draft."""
    items = context.api.list_items("/flows", limit=limit)
    columns = {
        "Flow": lambda flow: flow["name"],
        "Title": lambda flow: flow.get("title"),
        ">Live": lambda flow: flow.get("version") or "-",
        "=Published": lambda flow: format_time(flow.get("published_at")),
        "By": lambda flow: flow.get("by"),
        "Note": lambda flow: flow.get("note"),
        "=Draft": lambda flow: format_time((flow.get("draft") or {}).get("updated_at")),
    }
    context.output.result(
        {"items": items}, lambda _: context.output.table(items, columns, "No flow yet: chatflow flows publish FILE")
    )


@command(app, "show")
def show(context: CommandContext, flow: Flow) -> None:
    """One flow: what is live, who published it, what it uses."""
    data = context.api.get(api_path("flows", flow))
    context.output.result(data, lambda data: context.output.fields(_fields(data)))


def _fields(flow: dict[str, Any]) -> dict[str, Any]:
    draft = flow.get("draft") or {}
    uses = flow.get("uses") or {}
    return {
        "flow": flow.get("name"),
        "title": flow.get("title"),
        "live version": flow.get("version") or "none",
        "published": format_time(flow.get("published_at")),
        "by": flow.get("by"),
        "note": flow.get("note"),
        "master": flow.get("master"),
        **{f"uses {kind}": format_list(names) for kind, names in uses.items()},
        "sessions on it": flow.get("running") or "",
        "draft": f"{format_time(draft.get('updated_at'))} by {draft.get('by', '')}" if draft else "",
    }


@command(app, "versions")
def versions(context: CommandContext, flow: Flow, limit: Limit = 25) -> None:
    """The versions of a flow, the newest first."""
    list_versions(context, api_path("flows", flow, "versions"), limit)


@command(app, "rollback")
def rollback(
    context: CommandContext, flow: Flow, version: Annotated[int, typer.Argument(min=1)], note: Note = ""
) -> None:
    """Publish an old version again, as a new one. Running sessions stay on theirs."""
    body = {"version": version, "note": note or f"Back to version {version}"}
    published = context.api.post(api_path("flows", flow, "rollback"), body)
    message = f"{flow} is live as version {published.get('version')}, which is {version} again."
    context.output.result(published, lambda _: context.output.print(message, style="green"))


@command(app, "unpublish")
def unpublish(context: CommandContext, flow: Flow, note: Note = "", force: Force = False, yes: Yes = False) -> None:
    """Let nobody start it any more. Versions and draft stay."""
    confirm(f"Unpublish {flow}?", yes=yes)
    path = api_path("flows", flow, "unpublish")
    data = context.api.request("POST", path, params=_force_parameter(force), json={"note": note}).data
    context.output.result(data or {}, lambda _: context.output.print(f"{flow} is not live any more."))


@command(app, "delete")
def delete(context: CommandContext, flow: Flow, force: Force = False, yes: Yes = False) -> None:
    """Remove a flow and its draft. Its versions stay for 30 days, so that running sessions can end."""
    confirm(f"Delete {flow}?", yes=yes)
    path = api_path("flows", flow)
    etag = context.api.request("GET", path).etag
    data = context.api.request("DELETE", path, params=_force_parameter(force), if_match=etag).data
    context.output.result(data or {}, lambda _: context.output.print(f"{flow} is deleted."))


def _force_parameter(force: bool) -> dict[str, str]:
    return {"force": "true"} if force else {}


@command(app, "validate")
def validate(
    context: CommandContext,
    source: Annotated[Path, typer.Argument(exists=True, metavar="FILE|FOLDER", help="A flow, or a folder of them.")],
    offline: Annotated[bool, typer.Option("--offline", help="Check FILE among the files of its own folder.")] = False,
) -> None:
    """Name every problem of a flow, with its line, node and field.

    A folder is checked as a whole on this machine, and needs no login; a file is checked against what is live.
    """
    warnings: list[str] = []
    if source.is_dir():
        problems, warnings = check_folder(source), folder_warnings(source)
    elif offline:
        problems = check_file(source)
    else:
        problems, warnings = _check_against_live(context.api, source, read_flow(source))
    _finish(context, problems, f"{source}: no problem.", "", warnings)


@command(app, "problems")
def problems(
    context: CommandContext, channel: Annotated[str, typer.Argument(help="A channel, connected or not.")]
) -> None:
    """What of the live flows does not fit a channel, whether the routes name it or not. Exit code 1 for a problem."""
    found = context.api.get(api_path("channels", channel, "flow-problems"))
    _finish(context, found["problems"], f"Every live flow fits {channel}.", "", found["warnings"])


@command(app, "import")
def import_(
    context: CommandContext, file: FlowFile, allow_empty: AllowEmpty = False, over_draft: OverDraft = False
) -> None:
    """Make a file the flow's draft, for others to go on with. Nothing is published."""
    document = read_flow(file)
    draft = _put_draft(context.api, document, allow_empty=allow_empty, over_draft=over_draft)
    message = f"The draft of {document.name} is {file}."
    context.output.result(draft.data or {}, lambda _: context.output.print(message))


@command(app, "publish")
def publish(
    context: CommandContext,
    file: FlowFile,
    note: Note = "",
    allow_empty: AllowEmpty = False,
    over_draft: OverDraft = False,
) -> None:
    """Check a file, make it the flow's draft, and publish that as a new version."""
    document = read_flow(file)
    problems, warnings = _check_against_live(context.api, file, document)
    if problems:
        _finish(context, problems, "", "Nothing was published.", warnings)
    draft = _put_draft(context.api, document, allow_empty=allow_empty, over_draft=over_draft)
    path = api_path("flows", document.name, "publish")
    try:
        version = context.api.request("POST", path, json={"note": note}, if_match=draft.etag).data
    except ValidationFailed as refusal:  # something that the flow uses was removed after the check
        problems = _with_file(file, refusal.problems)
        _finish(context, problems, "", "Nothing was published; the draft is kept.")
        raise
    message = f"{document.name} is live as version {version.get('version')}."

    def view(_: Any) -> None:
        context.output.print(message, style="green")
        _print_warnings(context, warnings)

    context.output.result({**version, "warnings": warnings} if warnings else version, view)


@command(app, "export")
def export(
    context: CommandContext,
    flow: Flow,
    version: Annotated[int, typer.Option("--version", "-v", min=0, help="Left out, the live one.")] = 0,
    draft: Annotated[bool, typer.Option("--draft", help="The draft instead of a version.")] = False,
    output: OutputFile = None,
) -> None:
    """A flow's document, as it was written."""
    if draft and version:
        raise UsageError("Either --draft or --version.")
    path = api_path("flows", flow, "draft")
    if not draft:
        number = version or context.api.get(api_path("flows", flow)).get("version")
        if not number:
            raise UsageError(f"{flow} is not live.", advice="Say which: --version N, or --draft")
        path = api_path("flows", flow, "versions", number)
    export_document(context, path, {"flow": flow}, output)


def _check_against_live(api: ManagementApi, file: Path, document: FlowDocument) -> tuple[list[Problem], list[str]]:
    """Have the API validate a flow with the live routes, flows, integrations and assets: problems and warnings."""
    answer = api.post(api_path("flows", document.name, "validate"), {"yaml": document.text})
    return _with_file(file, answer["problems"]), answer.get("warnings") or []


def _with_file(file: Path, problems: list[Problem]) -> list[Problem]:
    """Name the local file in the problems of the document; problems without a line concern something else."""
    return [{**problem, "file": str(file)} if problem.get("line") else problem for problem in problems]


def _print_warnings(context: CommandContext, warnings: Sequence[str]) -> None:
    for warning in warnings:
        context.output.print(f"Warning: {warning}", style="yellow")


def _finish(
    context: CommandContext, problems: list[Problem], success: str, consequence: str, warnings: Sequence[str] = ()
) -> None:
    """Show the outcome of a validation; ends the command with exit code 1 when there are problems."""

    def view(_: Any) -> None:
        if problems:
            show_problems(context, problems, consequence)
        else:
            context.output.print(success, style="green")
        _print_warnings(context, warnings)

    context.output.result({"problems": problems, "warnings": list(warnings)}, view)
    if problems:
        raise typer.Exit(ExitCode.FAILED)


def _put_draft(api: ManagementApi, document: FlowDocument, *, allow_empty: bool, over_draft: bool) -> ApiResponse:
    """Make the document the flow's draft.

    Raises Conflict when there is an unpublished draft of someone else, or when the draft changes meanwhile.
    """
    path = api_path("flows", document.name, "draft")
    try:
        draft: ApiResponse | None = api.request("GET", path, accept=YAML)
    except NotFound:
        draft = None
    if draft and not over_draft:
        _require_replaceable(api, document, draft)
    return api.request(
        "PUT",
        path,
        params={"allow_empty": "true"} if allow_empty else {},
        text=document.text,
        if_match=draft.etag if draft else "",
        if_none_match="" if draft else "*",
    )


def _require_replaceable(api: ManagementApi, document: FlowDocument, draft: ApiResponse) -> None:
    """Raises Conflict unless the draft equals the file or the live version, or is the user's own."""
    if draft.text.strip() == document.text.strip():
        return
    flow = api.get(api_path("flows", document.name))
    about = flow["draft"] or {}
    author = about.get("by", "")
    if not flow["changed"] or author == api.get("/me")["name"]:
        return
    raise Conflict(
        f"{document.name} has a draft that is not published.",
        f"{author or 'Someone'} wrote it, {format_time(about.get('updated_at'))}.",
        f"Look at it: chatflow flows export {document.name} --draft. Say --over-draft to replace it.",
    )
