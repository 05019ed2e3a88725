"""Tags of revisions, cursors of pages, times, problems: written one way everywhere."""

from __future__ import annotations

import base64

import pytest

from management.http.etags import etag, optional_revision, require_revision, required_revision
from management.http.pagination import decode_cursor, encode_cursor
from management.http.problems import Problem, invalid_fields
from management.http.times import rfc3339

DEEP = base64.urlsafe_b64encode(b"[" * 1500).decode()
HALF = base64.urlsafe_b64encode(b'{"name":"\\ud800"}').decode()


def slug(act: object, *arguments: object) -> str:
    with pytest.raises(Problem) as raised:
        act(*arguments)  # type: ignore[operator]
    return raised.value.slug


def test_a_tag_that_was_read_comes_back_as_its_revision() -> None:
    assert etag(12) == '"r12"'
    assert required_revision('"r12"') == 12
    assert required_revision('W/"r12"') == 12


def test_a_change_without_a_tag_is_not_made() -> None:
    assert slug(required_revision, None) == "precondition-required"
    assert slug(required_revision, "") == "precondition-required"
    assert optional_revision(None) is None


@pytest.mark.parametrize("tag", ["*", '"12"', '"r-1"', '"r1", "r2"', '"r9999999999999999"', "r1x"])
def test_a_tag_that_was_never_given_is_refused(tag: str) -> None:
    assert slug(required_revision, tag) == "invalid-request"


def test_an_older_tag_is_a_conflict_that_names_the_present_one() -> None:
    require_revision(12, 12)
    require_revision(None, 12)
    with pytest.raises(Problem) as raised:
        require_revision(11, 12)
    assert (raised.value.slug, raised.value.members) == ("edit-conflict", {"etag": '"r12"'})


def test_a_cursor_brings_back_where_the_list_goes_on() -> None:
    text = encode_cursor(name="grüße/1", at="2026")
    assert decode_cursor(text, "name", "at") == {"name": "grüße/1", "at": "2026"}
    assert text.replace("-", "").replace("_", "").isalnum()
    assert decode_cursor(None, "name") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "e30",
        encode_cursor(other="a"),
        encode_cursor(name="a", more="b"),
        "bnVsbA",
        "ключ",
        "////",
        encode_cursor(name="a\nb"),
        DEEP,
        HALF,
    ],
)
def test_a_cursor_of_another_list_is_refused(text: str) -> None:
    assert slug(decode_cursor, text, "name") == "invalid-request"


def test_times_are_in_utc_to_the_second() -> None:
    assert rfc3339(1795370400.9) == "2026-11-22T18:00:00Z"


def test_a_problem_is_a_document_with_its_own_members() -> None:
    problem = Problem("flow-in-use", "sessions run on it", running=3)
    assert problem.document("r-1") == {
        "type": "urn:chatflow:problem:flow-in-use",
        "title": "Sessions run on this flow",
        "status": 409,
        "detail": "sessions run on it",
        "instance": "urn:chatflow:request:r-1",
        "running": 3,
    }


def test_every_wrong_field_is_named() -> None:
    found = invalid_fields(
        [{"field": "body.name", "message": "too long"}, {"field": "body.size", "message": "too big"}]
    )
    assert found.detail == "body.name: too long (and 1 more)"
    assert len(found.members["errors"]) == 2
