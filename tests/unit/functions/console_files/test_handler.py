"""The console's files are put so that every page finds its own: a loading one, an open one, and after a failure."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chatflow.adapters import cloudformation
from chatflow.adapters.aws.botocore_clients import botocore_client
from console_files import handler, put_files
from infrastructure.console.headers import CACHE_CONTROL, CONTENT_TYPES, IMMUTABLE, NO_CACHE
from tests.fakes.aws_account import an_account

FIRST = {"index.html": "one", "assets/app-1.js": "1", "assets/page-1.js": "p", "icon.svg": "<svg/>"}
SECOND = {"index.html": "two", "assets/app-2.js": "2", "assets/page-1.js": "p", "icon.svg": "<svg/>"}
THIRD = {"index.html": "three", "assets/app-3.js": "3", "icon.svg": "<svg/>"}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with an_account(monkeypatch, "us-east-1"):
        client = botocore_client("s3")
        for name in ("console", "uploads"):
            client.create_bucket(Bucket=name)
        for number, build in enumerate((FIRST, SECOND, THIRD), 1):
            client.put_object(Bucket="uploads", Key=f"{number}.zip", Body=_zipped(build))
        yield client


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(cloudformation, "answer", lambda event, resource, problem="": told.append(problem))
    return told


def _zipped(build: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in build.items():  # index.html is the first of the archive, and the last in the bucket
            archive.writestr(name, content)
    return buffer.getvalue()


def _properties(build: int, **changed: Any) -> dict[str, Any]:
    return {
        "Bucket": "console",
        "ArchiveBucket": "uploads",
        "Archive": f"{build}.zip",
        "Configuration": {"stage": "dev", "sign_in": {"client_id": f"client-{build}"}},
        "CacheControl": [list(each) for each in CACHE_CONTROL],
        "ContentTypes": CONTENT_TYPES,
        **changed,
    }


def _order(kind: str, build: int, former: int = 0, **changed: Any) -> None:
    event: dict[str, Any] = {"RequestType": kind, "ResourceProperties": _properties(build, **changed)}
    if former:
        event["OldResourceProperties"] = _properties(former)
    handler.lambda_handler(event, None)


def _names(s3: Any) -> set[str]:
    return {each["Key"] for each in s3.list_objects_v2(Bucket="console").get("Contents", ())}


def _content(s3: Any, name: str) -> str:
    return str(s3.get_object(Bucket="console", Key=name)["Body"].read().decode())


def test_the_first_deploy_puts_every_file_and_the_configuration(s3: Any, answers: list[str]) -> None:
    _order("Create", 1)
    assert answers == [""]
    assert _names(s3) == {*FIRST, "config.json"}
    assert {name: _content(s3, name) for name in FIRST} == FIRST
    assert json.loads(_content(s3, "config.json")) == {"stage": "dev", "sign_in": {"client_id": "client-1"}}


@pytest.mark.parametrize(
    ("name", "mime", "caching"),
    [
        ("index.html", "text/html; charset=utf-8", NO_CACHE),
        ("config.json", "application/json", NO_CACHE),
        ("assets/app-1.js", "text/javascript; charset=utf-8", IMMUTABLE),
        ("icon.svg", "image/svg+xml", NO_CACHE),
    ],
)
def test_only_files_that_are_named_by_their_content_are_cached_without_asking(
    s3: Any, answers: list[str], name: str, mime: str, caching: str
) -> None:
    _order("Create", 1)
    head = s3.head_object(Bucket="console", Key=name)
    assert (head["ContentType"], head["CacheControl"]) == (mime, caching)


def test_an_open_page_finds_the_files_of_the_former_build_and_older_ones_go(s3: Any, answers: list[str]) -> None:
    _order("Create", 1)
    _order("Update", 2, former=1)
    assert {"assets/app-1.js", "assets/app-2.js"} <= _names(s3)
    _order("Update", 3, former=2)
    assert _names(s3) == {"assets/app-2.js", "assets/page-1.js", "assets/app-3.js", "icon.svg", *_ALWAYS}
    assert _content(s3, "index.html") == "three"


_ALWAYS = ("index.html", "config.json")


def test_index_html_and_the_configuration_come_last(
    s3: Any, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put = _recorded(monkeypatch)
    _order("Create", 1)
    assert put[-2:] == ["config.json", "index.html"]
    assert set(put[:-2]) == set(FIRST) - {"index.html"}


@pytest.mark.parametrize("failing", ["assets/app-2.js", "assets/page-1.js", "icon.svg", "config.json", "index.html"])
def test_a_deploy_that_fails_half_way_leaves_the_former_console_whole(
    s3: Any, answers: list[str], monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    _order("Create", 1)
    _recorded(monkeypatch, failing=failing)
    _order("Update", 2, former=1)
    assert answers == ["", "ConnectionError; see the function's log"]
    assert set(FIRST) <= _names(s3)
    assert _content(s3, "index.html") == "one"
    if failing != "index.html":
        assert json.loads(_content(s3, "config.json"))["sign_in"] == {"client_id": "client-1"}


def test_the_rollback_of_a_failed_deploy_puts_the_former_build_back(
    s3: Any, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _order("Create", 1)
    _order("Update", 2, former=1)
    _order("Update", 1, former=2)
    assert _content(s3, "index.html") == "one"
    assert "assets/app-2.js" in _names(s3)


def test_nothing_is_removed_when_the_former_archive_is_gone(s3: Any, answers: list[str]) -> None:
    _order("Create", 1)
    _order("Update", 2, former=1)
    s3.delete_object(Bucket="uploads", Key="2.zip")
    _order("Update", 3, former=2)
    assert answers == ["", "", ""]
    assert {"assets/app-1.js", "assets/app-2.js", "assets/app-3.js"} <= _names(s3)


def test_a_configuration_in_the_build_never_replaces_the_deployments(s3: Any, answers: list[str]) -> None:
    s3.put_object(Bucket="uploads", Key="1.zip", Body=_zipped({**FIRST, "config.json": "{}"}))
    _order("Create", 1)
    assert json.loads(_content(s3, "config.json"))["stage"] == "dev"


def test_a_file_of_an_unknown_type_stops_the_deploy_before_anything_is_put(s3: Any, answers: list[str]) -> None:
    s3.put_object(Bucket="uploads", Key="1.zip", Body=_zipped({**FIRST, "tool.exe": "MZ"}))
    _order("Create", 1)
    assert answers == ["tool.exe: the content type of this ending is not known"]
    assert _names(s3) == set()


def test_deleting_empties_the_bucket_and_a_missing_bucket_counts_as_empty(s3: Any, answers: list[str]) -> None:
    _order("Create", 1)
    _order("Delete", 1)
    assert _names(s3) == set()
    _order("Delete", 1, Bucket="gone-before")
    assert answers == ["", "", ""]


def test_a_file_that_s3_does_not_delete_fails_the_order(
    s3: Any, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _order("Create", 1)
    errors = {"Errors": [{"Key": "index.html", "Code": "InternalError"}]}
    monkeypatch.setattr(botocore_client("s3"), "delete_objects", lambda **request: errors)
    _order("Delete", 1)
    assert answers[-1] == "1 files could not be removed, such as index.html"


def _recorded(monkeypatch: pytest.MonkeyPatch, failing: str = "") -> list[str]:
    """The names of files in the order in which they are put; at `failing` the connection breaks."""
    put, names = put_files._put, []

    def recorded(bucket: str, name: str, *rest: Any) -> None:
        if name == failing:
            raise ConnectionError
        names.append(name)
        put(bucket, name, *rest)

    monkeypatch.setattr(put_files, "_put", recorded)
    return names
