"""What a deploy publishes, and what it leaves alone. One master per flow: who published last, keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chatflow.errors import Refused
from chatflow.publishing.model import Deploy, Entry, Live, Move


@dataclass(frozen=True)
class Change:
    """One thing that a deploy changes. Without `entry` none is live any more."""

    id: str
    was: int
    entry: Entry | None = None


def changes(wanted: Sequence[Entry], last: Deploy, live: Mapping[str, Live | None], *, take_over: bool) -> list[Change]:
    """Only what is not as the last deploy left it. Raises Refused, naming every conflict with the API."""
    found: list[Change] = []
    conflicts: list[str] = []
    for entry in wanted:
        now, earlier = live[entry.id], last.entries.get(entry.id)
        was = now.version if now else 0
        of_the_api = now is not None and now.master == "api"
        same = earlier is not None and earlier.hash == entry.hash
        files_are_live = now is not None and not of_the_api
        if same and (files_are_live or not take_over):
            continue  # nothing new in the files: what the API has published or withdrawn since stays
        if now is not None and of_the_api and not take_over:
            conflicts.append(_conflict(entry, now))
        else:  # anew, also what was published before: its versions and its bytes may be gone since
            found.append(Change(entry.id, was, entry))
    still = {entry.id for entry in wanted}
    for id in last.entries:
        gone = live[id]
        if id not in still and gone is not None and gone.master == "deploy":
            found.append(Change(id, gone.version))
    if conflicts:
        raise Refused("Nothing was published. " + " ".join(conflicts))
    return found


def steps_back(deploy: Deploy, live: Mapping[str, Live | None]) -> list[Move]:
    """What brings back what was live before a deploy. What someone else has published since stays."""
    moves = []
    for id, before in deploy.before.items():
        made = deploy.entries.get(id)
        ours = made.version if made else 0
        at = live[id]
        now = at.version if at else 0
        if now == ours and now != before:
            moves.append(Move(id, to=before, was=now))
    return moves


def withdrawals(deploy: Deploy, live: Mapping[str, Live | None]) -> list[Move]:
    """What is no longer live when the stack is deleted: what deploys made live. The versions themselves stay."""
    found = ((id, live[id]) for id in deploy.entries)
    return [Move(id, to=0, was=now.version) for id, now in found if now is not None and now.master == "deploy"]


def _conflict(entry: Entry, live: Live) -> str:
    when = datetime.fromtimestamp(live.published_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    named = f"{entry.kind} {entry.name}" if entry.name != entry.kind else entry.kind
    return (
        f"The {named}: version {live.version}, published through the API on {when}, is live; "
        f"the files of this deploy hold another one (content {entry.hash[:12]}). Put the API's version into the files, "
        f"or deploy with -c take_over=true."
    )
