"""Publishing through the API: a document is validated among everything that is live, then made live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chatflow.errors import Overtaken
from chatflow.flows.interfaces import Interface, storable
from chatflow.flows.problems import Problem as FlowProblem
from chatflow.publishing.documents import document, file_of, named_ids
from chatflow.publishing.model import Entry, EntryChange, Requirement, RequiresDraft, VersionChange
from chatflow.publishing.publish import named_requirements
from chatflow.publishing.publish import publish as publish_entries
from management.http.auth import caller
from management.http.documents import invalid_flow
from management.http.etags import edit_conflict, require_revision
from management.http.problems import Problem

if TYPE_CHECKING:
    from chatflow.flows.variables import Variable
    from chatflow.publishing.live_validation import LiveProject
    from management.dependencies import Dependencies

_VERSIONS_RETENTION: Final = 30 * 86_400  # seconds that sessions have to end after a deletion


def live_project(dependencies: Dependencies, also: Iterable[str] = ()) -> LiveProject:
    """What is live now. `also` holds ids to read consistently, whether the index lists them already or not."""
    from chatflow.publishing.live_validation import LiveProject

    ids, index = set(also), dependencies.published_index

    def store(found: Mapping[str, tuple[int, Interface]]) -> None:
        compact = {flow: (version, storable(interface)) for flow, (version, interface) in found.items()}
        dependencies.version_store.add_interfaces({flow: (of, each) for flow, (of, each) in compact.items() if each})

    return LiveProject(index.sources(ids), index.assets(ids), index.texts, store)


@dataclass(frozen=True)
class Validation:
    """What validation says of a text of a flow. `variables` are those that may be set at each node."""

    problems: list[FlowProblem]  # also those that it would cause in other documents
    warnings: list[FlowProblem]
    variables: dict[str, list[Variable]]


def findings_of(dependencies: Dependencies, id: str, text: str) -> Validation:
    """Validate a text of the flow with this id among everything that is live."""
    live = _live_project_for(dependencies, {id: text})
    return Validation(live.problems_with({id: text}), live.warnings_with(id, text), live.variables_with(id, text))


def publish(
    dependencies: Dependencies, id: str, text: str, note: str, *, seen: int | None = None, draft: int = 0
) -> list[VersionChange]:
    """Make a document the live version. Returns what went live: with an integration, the flows that call it follow.

    `seen` is the live version that the caller saw, 0 for none, None when that does not matter. `draft` is the revision
    of the draft that is published, 0 without a draft. Raises Problem (edit-conflict, invalid-flow): then nothing was
    published.
    """
    from chatflow.publishing.entries import entry_of

    live = _live_project_for(dependencies, {id: text})
    require_revision(seen, live.version(id))
    flows = live.flows_calling(id.partition("/")[2]) if id.startswith("integration/") else []
    _require_valid(live, {id: text}, flows)
    project = live.project({id: text})
    entries = [entry_of(project, each) for each in (id, *flows)]
    flow_note = f"with {id.replace('/', ' ')}" + (f": {note}" if note else "")
    changes = [
        EntryChange(entry.id, live.version(entry.id), entry, note if entry.id == id else flow_note) for entry in entries
    ]
    requirements: list[Requirement] = [each for entry in entries for each in live.requirements(entry)]
    if draft:
        requirements.append(RequiresDraft(id.partition("/")[2], draft))
    with _refusal_explained(dependencies, {id: text}, flows):
        return _publish(dependencies, changes, requirements)


def publish_again(dependencies: Dependencies, id: str, version: int, note: str, *, replaces: int) -> int:
    """Make the content of an earlier version live again, exactly as it was, and return the number of the new version.

    `replaces` is the live version, 0 for none. Raises Problem: not-found, edit-conflict, invalid-flow when a flow or an
    asset that it refers to is gone.
    """
    entry = dependencies.version_store.entry(id, version)
    if entry is None:
        raise Problem("not-found", f"there is no version {version} of the {_spoken(id)}")
    _require_named(dependencies, entry)
    with _refusal_explained(dependencies, {}, ()):
        return _publish(dependencies, [EntryChange(id, replaces, entry, note)], named_requirements(entry))[0].to


def withdraw(dependencies: Dependencies, id: str, live_version: int, *, force: bool, draft: int = 0) -> None:
    """End the live version of something, under the condition that its draft is at this revision (0: no condition).

    Raises Problem: invalid-flow when other documents refer to it and `force` is not set, edit-conflict. Then it is live
    as before.
    """
    if not force:
        _require_valid(live_project(dependencies, {id}), {id: None})
    requirements = [RequiresDraft(id.partition("/")[2], draft)] if draft else []
    try:
        dependencies.version_store.switch([VersionChange(id, to=0, replaces=live_version)], requirements)
    except Overtaken:
        raise edit_conflict() from None


def expire_versions(dependencies: Dependencies, id: str, last: int | None) -> None:
    """Let the versions of something deleted expire in 30 days, up to number `last` (None: all of them)."""
    dependencies.version_store.expire(id, int(dependencies.clock()) + _VERSIONS_RETENTION, last=last)


def _publish(
    dependencies: Dependencies, changes: Sequence[EntryChange], requirements: Iterable[Requirement]
) -> list[VersionChange]:
    return publish_entries(
        dependencies.version_store,
        changes,
        master="api",
        now=int(dependencies.clock()),
        by=caller().name,
        requirements=requirements,
    )


@contextmanager
def _refusal_explained(
    dependencies: Dependencies, changed: Mapping[str, str], republished: Sequence[str]
) -> Iterator[None]:
    """Turn a refused publish into a Problem: the documents became invalid meanwhile, or someone else has published."""
    try:
        yield
    except Overtaken:
        if changed:
            _require_valid(_live_project_for(dependencies, changed), changed, republished)
        raise edit_conflict() from None


def _live_project_for(dependencies: Dependencies, changed: Mapping[str, str]) -> LiveProject:
    """What is live now; the documents and everything that they refer to are read consistently."""
    referred = {id for each, text in changed.items() for id in named_ids(document(each, text).data)}
    return live_project(dependencies, {*changed, *referred})


def _require_valid(live: LiveProject, changed: Mapping[str, str | None], republished: Sequence[str] = ()) -> None:
    if problems := live.problems_with(changed, republished):
        raise invalid_flow(problems)


def _require_named(dependencies: Dependencies, entry: Entry) -> None:
    required = [each.id for each in named_requirements(entry)]
    existing = dependencies.published_index.living(required)
    missing = [id for id in required if id not in existing]
    if missing:
        file = file_of(entry.id)
        raise invalid_flow(
            [FlowProblem(file, 0, entry.name, "", "", f"The {_spoken(id)} is not there any more.") for id in missing]
        )


def _spoken(id: str) -> str:
    kind, _, name = id.partition("/")
    return kind if kind == name else f'{kind} "{name}"'
