"""A file becomes a flow's draft, without taking away what someone else is writing."""

from __future__ import annotations

from chatflow_cli.api import YAML, Answer, ManagementApi, path
from chatflow_cli.exits import Conflict, NotFound
from chatflow_cli.flow_files import WrittenFlow
from chatflow_cli.wording import when


def put(api: ManagementApi, document: WrittenFlow, *, allow_empty: bool, over_draft: bool) -> Answer:
    """Raises Conflict when an unpublished draft of someone else stands there, or changes meanwhile."""
    where = path("flows", document.name, "draft")
    try:
        draft: Answer | None = api.ask("GET", where, accept=YAML)
    except NotFound:
        draft = None
    if draft and not over_draft:
        _nothing_is_lost(api, document, draft)
    return api.ask(
        "PUT",
        where,
        params={"allow_empty": "true"} if allow_empty else {},
        text=document.text,
        if_match=draft.etag if draft else "",
        if_none_match="" if draft else "*",
    )


def _nothing_is_lost(api: ManagementApi, document: WrittenFlow, draft: Answer) -> None:
    """A draft may go when it is mine, or says what the file or the live version says anyway."""
    if draft.text.strip() == document.text.strip():
        return
    head = api.get(path("flows", document.name))
    known = head["draft"] or {}
    author = known.get("by", "")
    if not head["changed"] or author == api.get("/me")["name"]:
        return
    raise Conflict(
        f"{document.name} has a draft that is not published.",
        f"{author or 'Someone'} wrote it, {when(known.get('updated_at'))}.",
        f"Look at it: chatflow flows export {document.name} --draft. Say --over-draft to replace it.",
    )
