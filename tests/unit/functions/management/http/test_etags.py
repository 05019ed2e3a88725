"""Revisions in ETag and If-Match."""

from __future__ import annotations

import pytest

from management.http.etags import etag, optional_revision, require_revision, required_revision
from management.http.problems import Problem


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
