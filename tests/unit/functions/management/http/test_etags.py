"""Revisions in ETag and If-Match."""

from __future__ import annotations

import pytest

from management.http.etags import etag, optional_revision, require_revision, required_revision
from management.http.problems import Problem


def slug(act: object, *arguments: object) -> str:
    with pytest.raises(Problem) as raised:
        act(*arguments)  # type: ignore[operator]
    return raised.value.slug


def test_an_etag_is_parsed_to_its_revision() -> None:
    assert etag(12) == '"r12"'
    assert required_revision('"r12"') == 12
    assert required_revision('W/"r12"') == 12


def test_a_missing_etag_is_refused_where_it_is_required() -> None:
    assert slug(required_revision, None) == "precondition-required"
    assert slug(required_revision, "") == "precondition-required"
    assert optional_revision(None) is None


@pytest.mark.parametrize("tag", ["*", '"12"', '"r-1"', '"r1", "r2"', '"r9999999999999999"', "r1x"])
def test_an_invalid_etag_is_refused(tag: str) -> None:
    assert slug(required_revision, tag) == "invalid-request"


def test_an_outdated_etag_is_a_conflict_that_names_the_current_one() -> None:
    require_revision(12, 12)
    require_revision(None, 12)
    with pytest.raises(Problem) as raised:
        require_revision(11, 12)
    assert (raised.value.slug, raised.value.members) == ("edit-conflict", {"etag": '"r12"'})
