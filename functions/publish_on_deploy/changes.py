"""Which changes a deploy makes, and how it undoes them. Who published the live version of a thing is its master."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from chatflow.errors import Refused
from chatflow.publishing.model import Entry, EntryChange, LiveVersion, VersionChange
from publish_on_deploy.deploy_record import DeployRecord

LiveVersions = Mapping[str, LiveVersion | None]  # by id


def changes_to_publish(
    entries: Sequence[Entry], last: DeployRecord, live: LiveVersions, *, take_over: bool
) -> list[EntryChange]:
    """What differs between the files and what the last deploy published. docs/publishing.md ("One master") has a table.

    Raises Refused, naming every conflict, when the API is the master of something that would change. With `take_over`
    the files win, and what the API withdrew is published again.
    """
    changes: list[EntryChange] = []
    conflicts: list[str] = []
    for entry in entries:
        now, deployed = live[entry.id], last.entries.get(entry.id)
        api_is_master = now is not None and now.master == "api"
        files_are_live = now is not None and not api_is_master
        unchanged = deployed is not None and deployed.hash == entry.hash
        if unchanged and (files_are_live or not take_over):
            continue  # what the API has published or withdrawn since stays
        if now is not None and api_is_master and not take_over:
            conflicts.append(_conflict(entry, now))
        else:
            # A new version also of content that was published before: its versions and its bytes may have been deleted.
            changes.append(EntryChange(entry.id, now.version if now else 0, entry))
    wanted = {entry.id for entry in entries}
    for id in last.entries:
        removed = live[id]
        if id not in wanted and removed is not None and removed.master == "deploy":
            changes.append(EntryChange(id, removed.version))
    if conflicts:
        raise Refused("Nothing was published. " + " ".join(conflicts))
    return changes


def changes_to_undo(record: DeployRecord, live: LiveVersions) -> list[VersionChange]:
    """What makes live again what was live before a deploy. Versions that others have published since stay live."""
    changes = []
    for id, before in record.before.items():
        deployed, now = record.entries.get(id), live[id]
        deployed_version = deployed.version if deployed else 0
        live_version = now.version if now else 0
        if live_version == deployed_version and live_version != before:
            changes.append(VersionChange(id, to=before, replaces=live_version))
    return changes


def changes_to_withdraw(record: DeployRecord, live: LiveVersions) -> list[VersionChange]:
    """What withdraws every live version of a deploy, when the stack is deleted. The versions stay stored."""
    deployed = ((id, live[id]) for id in record.entries)
    return [VersionChange(id, to=0, replaces=now.version) for id, now in deployed if now and now.master == "deploy"]


def _conflict(entry: Entry, live: LiveVersion) -> str:
    when = datetime.fromtimestamp(live.published_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    named = f"{entry.kind} {entry.name}" if entry.name != entry.kind else entry.kind
    return (
        f"The {named}: version {live.version}, published through the API on {when}, is live; "
        f"the files of this deploy hold another one (content {entry.hash[:12]}). Put the API's version into the files, "
        f"or deploy with -c take_over=true."
    )
