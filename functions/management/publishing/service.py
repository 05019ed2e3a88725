"""Publishing through the API: checked among all that is live, then made live in one moment, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from chatflow.errors import ChatflowError, Overtaken
from chatflow.flows.problems import Problem as Mistake
from chatflow.publishing.live_validation import LiveProject, document, entry_of, file_of, named, named_by
from chatflow.publishing.model import DraftStays, Entry, Move, Stays
from management.dependencies import Dependencies
from management.http.auth import caller
from management.http.documents import invalid_flow
from management.http.etags import edit_conflict, require_revision
from management.http.problems import Problem


def live_project(dependencies: Dependencies, also: Iterable[str] = ()) -> LiveProject:
    """What is live now; `also` are ids that are looked for by name."""
    ids = set(also)
    return LiveProject(dependencies.published_index.sources(ids), dependencies.published_index.library(ids))


def problems_of(dependencies: Dependencies, id: str, text: str) -> list[Mistake]:
    """Everything that is wrong with a document, and what it would make wrong elsewhere."""
    return live_project(dependencies, {id} | named(document(id, text).data)).problems_with({id: text})


def publish(
    dependencies: Dependencies, id: str, text: str, note: str, *, seen: int | None = None, draft: int = 0
) -> int:
    """Make a document the live version, and give its number; the flows that call an integration come with it.

    `seen` is the live version that the caller saw, 0 for none, None when that does not matter; `draft` the draft's
    revision that is published. Raises Problem: edit-conflict, invalid-flow; then nothing was published.
    """
    live = live_project(dependencies, {id} | named(document(id, text).data))
    require_revision(seen, live.version(id))
    users = live.users(id.partition("/")[2]) if id.startswith("integration/") else []
    _must_be_sound(live, {id: text}, users)
    project = live.project({id: text})
    entries = [entry_of(project, each) for each in (id, *users)]
    because = f"with {id.replace('/', ' ')}" + (f": {note}" if note else "")
    notes = dict.fromkeys(users, because) | {id: note}
    stays: list[Stays | DraftStays] = [stay for entry in entries for stay in live.needed_by(entry)]
    if draft:
        stays.append(DraftStays(id.partition("/")[2], draft))
    with _explained(dependencies, {id: text}, users):
        return _together(dependencies, entries, {entry.id: live.version(entry.id) for entry in entries}, notes, stays)[
            id
        ]


def publish_again(dependencies: Dependencies, id: str, version: int, note: str, *, was: int) -> int:
    """Make the content of an earlier version live once more, exactly as it was, and give its new number.

    Raises Problem: not-found, edit-conflict, invalid-flow when something that it needs is gone.
    """
    entry = kept(dependencies, id, version)
    named_things = named_by(entry)
    live = live_project(dependencies, (stay.id for stay in named_things))
    there = {*live.sources, *(f"asset/{file.name}" for file in live.files)}
    gone = [stay.id for stay in named_things if stay.id not in there]
    if gone:
        name = id.partition("/")[2]
        raise invalid_flow(
            [Mistake(file_of(id), 0, name, "", "", f"The {_spoken(each)} is not there any more.") for each in gone]
        )
    with _explained(dependencies, {}, ()):
        return _together(dependencies, [entry], {id: was}, {id: note}, named_things)[id]


def kept(dependencies: Dependencies, id: str, version: int) -> Entry:
    """An earlier version. Raises Problem (not-found)."""
    entry = dependencies.version_store.kept(id, version)
    if entry is None:
        raise Problem("not-found", f"there is no version {version} of the {_spoken(id)}")
    return entry


def withdraw(dependencies: Dependencies, id: str, was: int, *, force: bool, draft: int = 0) -> None:
    """Take something out of what is live, while its draft is at this revision (0: whatever becomes of it).

    Raises Problem: invalid-flow when others lead to it, edit-conflict; then it is live as before.
    """
    if not force:
        _must_be_sound(live_project(dependencies, {id}), {id: None}, ())
    stays = [DraftStays(id.partition("/")[2], draft)] if draft else []
    try:
        dependencies.version_store.move_together([Move(id, to=0, was=was)], stays)
    except Overtaken:
        raise edit_conflict() from None


def _together(
    dependencies: Dependencies,
    entries: Sequence[Entry],
    was: Mapping[str, int],
    notes: Mapping[str, str],
    stays: Iterable[Stays | DraftStays],
) -> dict[str, int]:
    """Keep the versions, then make all of them live at once. What did not go live is taken back."""
    shelf, who, now = dependencies.version_store, caller().name, int(dependencies.clock())
    moved = {entry.id for entry in entries}
    conditions = list(dict.fromkeys(stay for stay in stays if isinstance(stay, DraftStays) or stay.id not in moved))
    made: dict[str, int] = {}
    try:
        for entry in entries:
            made[entry.id] = shelf.add(entry, "api", now, by=who, note=notes[entry.id])
        shelf.move_together([Move(id, to=version, was=was[id]) for id, version in made.items()], conditions)
    except ChatflowError:
        # Only what was refused. After any other failure it may be live all the same; a version too many harms nobody.
        for id, version in made.items():
            shelf.discard(id, version)
        raise
    return made


@contextmanager
def _explained(dependencies: Dependencies, changed: Mapping[str, str], users: Sequence[str]) -> Iterator[None]:
    """Say why nothing was published: something that it needs was deleted meanwhile, or someone else published."""
    try:
        yield
    except Overtaken:
        if changed:
            also = {id for each, text in changed.items() for id in (each, *named(document(each, text).data))}
            _must_be_sound(live_project(dependencies, also), changed, users)
        raise edit_conflict() from None


def _must_be_sound(live: LiveProject, changed: Mapping[str, str | None], users: Sequence[str]) -> None:
    if problems := live.problems_with(changed, users):
        raise invalid_flow(problems)


def _spoken(id: str) -> str:
    kind, _, name = id.partition("/")
    return kind if kind == name else f'{kind} "{name}"'
