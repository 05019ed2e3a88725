"""What other releases stored or queued can be read, and broken rows do no harm."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from chatflow.adapters.dynamodb import assets, flows, past_sessions, transcript_lines
from chatflow.adapters.dynamodb.items import document
from chatflow.adapters.dynamodb.places import place_of, read_session
from chatflow.conversation import events
from chatflow.conversation.owed_message import OwedMessage
from chatflow.conversation.queued_events import FIELDS, read_event
from chatflow.conversation.session import _STORED_NAMES, Pause, Session, Waiting
from chatflow.conversation.turn_record_form import from_stored
from chatflow.errors import NotPublished, Unreadable
from chatflow.integrations.stored_response import deserialize_answer
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMessage
from chatflow.nodes.contract import Visit
from chatflow.tolerant_reader import read_object
from publish_on_deploy.deploy_record import DeployRecord

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden_rows"
Row = dict[str, Any]

READERS: dict[str, Callable[[Row], object]] = {
    "session": read_session,
    "alias": place_of,
    "event": lambda row: read_event(json.dumps(row)),
    "turn": lambda row: from_stored(document(row, "the turn record")),
    "line": transcript_lines._line,
    "past": past_sessions.read_past,
    "letter": lambda row: document(row, "the recorded failure"),
    "erased": lambda row: document(row, "the recorded erasure"),
    "asset_version": assets._version,
    "asset_upload": assets._upload,
    "live_flow": lambda row: flows._read_live(row, "claims"),
    "effect_result": lambda row: read_object(json.dumps(row), "the stored result of an effect"),
    "stored_answer": deserialize_answer,
    "deploy_record": DeployRecord.from_json,
    "visit": Visit.from_json,
}
CLASSES: dict[type[Any], Callable[[], Any]] = {
    Session: lambda: json.loads(golden("session", "v1")["document"]["S"]),
    IncomingMessage: lambda: golden("event", "v1 message")["message"],
    MediaReference: lambda: golden("stored_answer", "v1")["file"],
    Visit: lambda: golden("visit", "v1"),
    DeployRecord: lambda: golden("deploy_record", "v1"),
}
PRIVATE = ("16505551234", "Ann", "B AB 1234", "look", "lookaside")
WRONG: tuple[Any, ...] = (None, "", "x", -1, 0, 1.5, True, [], ["x"], {}, {"x": 1}, [[]], 10**30)


def golden(shape: str, version: str) -> Row:
    row: Row = json.loads((GOLDEN / f"{shape}.json").read_text(encoding="utf-8"))[version]
    return row


def golden_rows() -> Iterator[Any]:
    for path in sorted(GOLDEN.glob("*.json")):
        for version, row in json.loads(path.read_text(encoding="utf-8")).items():
            yield pytest.param(path.stem, row, id=f"{path.stem} {version}")


MAPS = (
    "aliases",
    "entries",
    "previous_entries",
    "before",
    "headers",
    "seen",
    "variables",
)  # of which each key means something
ITEMS = (
    "session",
    "alias",
    "turn",
    "line",
    "past",
    "letter",
    "erased",
    "asset_version",
    "asset_upload",
    "live_flow",
)  # of DynamoDB
ATTRIBUTES: tuple[Any, ...] = (
    {"S": "x"},
    {"N": "1.5"},
    {"N": "-7"},
    {"BOOL": True},
    {"NULL": True},
    {"M": {}},
    {"L": []},
)


def with_unknown_fields(value: Any) -> Any:
    """A next release's form: each object has a field more."""
    if isinstance(value, dict):
        wider = {name: each if name in MAPS else with_unknown_fields(each) for name, each in value.items()}
        return {**wider, "unheard_of": {"deep": [1]}}
    return [with_unknown_fields(each) for each in value] if isinstance(value, list) else value


def of_the_next_release(shape: str, row: Row) -> Row:
    if shape not in ITEMS:
        return with_unknown_fields({**row, **({"schema": 2} if "schema" in row else {})})
    wider = {**row, "schema": {"N": "2"}, "unheard_of": {"S": "x"}}
    if "document" in row:
        wider["document"] = {"S": json.dumps(with_unknown_fields(json.loads(row["document"]["S"])))}
    return wider


def broken_row(shape: str, row: Row) -> Iterator[Row]:
    if shape not in ITEMS:
        yield from broken(row)
        return
    for name in row:
        yield {other: value for other, value in row.items() if other != name}
        yield from ({**row, name: attribute} for attribute in ATTRIBUTES)
    if "document" in row:
        whole = row["document"]["S"]
        for text in ("", "[]", "null", '"x"', whole[:-1], whole[1:], "[" * 100_000):
            yield {**row, "document": {"S": text}}
        for changed in broken(json.loads(whole)):
            yield {**row, "document": {"S": json.dumps(changed)}}


def broken(value: Any) -> Iterator[Any]:
    """Each value once with every part of it replaced by something else, or left out."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield {other: kept for other, kept in value.items() if other != name}
            for wrong in (*WRONG, *broken(each)):
                yield {**value, name: wrong}
    elif isinstance(value, list):
        for index, each in enumerate(value):
            for wrong in (*WRONG, *broken(each)):
                yield [*value[:index], wrong, *value[index + 1 :]]


@pytest.mark.parametrize(("shape", "row"), golden_rows())
def test_a_row_of_every_version_is_read_and_so_is_that_of_a_next_release(shape: str, row: Row) -> None:
    before = READERS[shape](deepcopy(row))
    after = READERS[shape](of_the_next_release(shape, row))

    if shape in ("asset_version", "asset_upload", "stored_answer", "deploy_record"):
        assert after == before
    assert type(after) is type(before)


def test_a_session_of_a_next_release_has_all_fields_that_this_one_knows() -> None:
    row = golden("session", "v1")
    before, after = read_session(row), read_session(of_the_next_release("session", row))
    for field in fields(Session):
        if field.name not in ("variables", "pending", "held", "waiting"):
            assert getattr(after, field.name) == getattr(before, field.name)
    assert before.waiting is not None
    assert after.waiting is not None
    assert after.waiting.expects == before.waiting.expects


@pytest.mark.parametrize(
    ("shape", "whole", "short"),
    [
        ("session", "v1 with every default", "v1 without defaults"),
        ("turn", "v1 with repetitions", "v1 without repetitions"),
    ],
)
def test_a_row_means_the_same_without_what_its_reader_adds(shape: str, whole: str, short: str) -> None:
    """It fails when a default changes: what is not stored would then get another meaning."""
    assert READERS[shape](golden(shape, short)) == READERS[shape](golden(shape, whole))
    assert len(str(golden(shape, short))) < len(str(golden(shape, whole)))


def test_the_row_with_every_default_has_every_field() -> None:
    """A new field stands there from its first release on, so that its default never changes."""
    stored = json.loads(golden("session", "v1 with every default")["document"]["S"])
    within = {Waiting: stored["waiting"], Pause: stored["paused"], OwedMessage: stored["owed"][0], Session: stored}
    names: dict[Any, Mapping[str, str]] = {Waiting: Waiting.STORED_NAMES, Session: _STORED_NAMES}
    for cls, data in within.items():
        known = names.get(cls, {})
        assert data.keys() == {known.get(field.name, field.name) for field in fields(cls)}


@pytest.mark.parametrize(("shape", "row"), golden_rows())
def test_a_broken_row_is_read_or_refused_with_a_reason_that_names_no_customer(shape: str, row: Row) -> None:
    tried = 0
    for changed in broken_row(shape, row):
        tried += 1
        try:
            READERS[shape](changed)
        except (Unreadable, NotPublished) as error:
            assert not [private for private in PRIVATE if private in str(error)]
    assert tried > 10


@pytest.mark.parametrize("version", [{"N": "0"}, {"N": "-1"}, {"N": "1.5"}, {"S": "1"}, {"BOOL": True}])
def test_a_row_of_a_version_that_never_existed_is_unreadable(version: Row) -> None:
    with pytest.raises(Unreadable, match="no release wrote its schema version"):
        read_session({**golden("session", "v1"), "schema": version})


@pytest.mark.parametrize("version", [0, -3, 1.5, "1", True, None, []])
def test_so_is_a_queued_event_of_such_a_version(version: Any) -> None:
    with pytest.raises(Unreadable, match="no release wrote its schema version"):
        read_event(json.dumps({**golden("event", "v1 message"), "schema": version}))


def test_an_event_of_a_kind_that_a_later_release_introduced_is_not_dropped() -> None:
    with pytest.raises(Unreadable, match="knows no event of its kind"):
        read_event(json.dumps({**golden("event", "v1 message"), "kind": "callback"}))


def test_a_state_and_a_kind_of_message_of_a_later_release_have_the_meaning_that_goes_on_best() -> None:
    stored = json.loads(golden("session", "v1")["document"]["S"])
    assert Session.from_json({**stored, "state": "resting"}).state == "waiting"
    assert Session.from_json({**stored, "state": "resting", "waiting": None}).state == "ended"
    message = golden("event", "v1 message")["message"]
    read = IncomingMessage.from_json({**message, "kind": "order"})
    assert (read.kind, read.other) == ("other", "order")


def test_every_kind_of_event_says_which_fields_it_has() -> None:
    names = {name for name in vars(events) if re.fullmatch(r"[A-Z]+", name) and isinstance(getattr(events, name), str)}
    assert {getattr(events, name) for name in names} == set(FIELDS)


def test_every_class_with_a_json_form_is_tested_here() -> None:
    assert set(classes_with_a_reader()) == set(CLASSES)


def classes_with_a_reader() -> Iterator[type[Any]]:
    for folder in (ROOT / "layers" / "chatflow" / "python", ROOT / "functions"):
        for module in pkgutil.walk_packages([str(folder)]):
            if module.name.endswith(("__main__", ".handler", ".config")) or "thumbnails" in module.name:
                continue
            path = folder / (module.name.replace(".", "/") + ".py")
            if path.exists() and "def from_json" in path.read_text(encoding="utf-8"):
                loaded = importlib.import_module(module.name)
                for each in vars(loaded).values():
                    if isinstance(each, type) and each.__module__ == module.name and hasattr(each, "from_json"):
                        yield each


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: str(cls.__name__))
def test_a_reader_ignores_what_it_does_not_know_and_fills_what_is_missing(cls: type[Any]) -> None:
    data = CLASSES[cls]()
    before = cls.from_json(data)
    assert cls.from_json({**data, "unheard_of": [1]}) == before

    stored = {"wait_state": "memo", "node": "at" if cls is Session else "node", "last_message_at": "heard_at"}
    for field in fields(cls):
        name = stored.get(field.name, field.name)
        without = {other: value for other, value in data.items() if other != name}
        if field.default is MISSING and field.default_factory is MISSING:
            with pytest.raises(Unreadable, match=f"`{name}` is missing"):
                cls.from_json(without)
        else:
            default = field.default if field.default is not MISSING else field.default_factory()  # type: ignore[misc]
            assert getattr(cls.from_json(without), field.name) == default
            assert getattr(cls.from_json({**without, name: None}), field.name) == default


def test_no_class_is_made_from_stored_data_past_the_one_reader() -> None:
    allowed = {"tolerant_reader.py", "settings.py", "uploads.py"}  # a deploy's own properties, of the same release
    past = [
        f"{path.name}: {line.strip()}"
        for folder in ("layers/chatflow/python", "functions")
        for path in (ROOT / folder).rglob("*.py")
        if path.name not in allowed
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bcls\(\*\*|\b[A-Z]\w+\(\*\*\{?\*?\*?(data|each|media|fields|stored|item)\b[^.]", line)
    ]
    assert past == []
